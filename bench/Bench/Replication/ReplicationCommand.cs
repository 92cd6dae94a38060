using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench.Replication;

/// <summary><c>replication</c>: what a replicated kernel costs, and how fast it goes on elsewhere. One command, its parts one after another.</summary>
internal static class ReplicationCommand
{
    private static readonly string[] s_parts = ["cells", "failover", "array", "idle", "log"];
    private static readonly TimeSpan s_partLimit = TimeSpan.FromMinutes(10);

    public static Command Build()
    {
        var part = new Option<string[]>("--part")
        {
            Description = $"Only these of {string.Join(", ", s_parts)}; several with commas or blanks between.",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => PartsOf([.. result.Tokens.Select(token => token.Value)], result.AddError),
            DefaultValueFactory = _ => s_parts,
        };
        var cells = Number("--cells", 500, "cells: cells on each side.");
        var warmUp = Number("--warm-up", 50, "cells: cells on each side before those that count.");
        var kills = Number("--kills", 10, "failover: how often the executor's agent is killed.");
        var array = Number("--array-mb", 1000, "array: the array's size in MB; this machine needs about eight times as much memory.");
        var changes = Number("--changes", 5, "array: how many cells change one per cent.");
        var kernels = Number("--kernels", 1000, "idle: kernels.");
        var seconds = Number("--idle-seconds", 20, "idle: how long the processor is looked at.");
        var rounds = Number("--rounds", 500, "log: lone commits, and syncs and round trips alone.");
        var groups = Number("--groups", 100, "log: Raft groups.");
        var atATime = Number("--at-a-time", 8, "log: entries under way at each group for the throughput.");
        var entries = Number("--entries", 40_000, "log: entries for the throughput.");
        var folder = new Option<string?>("--folder") { Description = "idle, log: where the logs are written; a temporary folder when left out." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("replication", "Cells, failover, large values, idle kernels and the replicated log, each beside its peer or its bound.")
        {
            part, cells, warmUp, kills, array, changes, kernels, seconds, rounds, groups, atATime, entries, folder, json,
        };
        Task<PartReport> RunPartAsync(ParseResult parsed, string name, Progress progress, CancellationToken stop) => name switch
        {
            "cells" => CellsPart.RunAsync(parsed.GetValue(cells), parsed.GetValue(warmUp), progress, stop),
            "failover" => FailoverPart.RunAsync(parsed.GetValue(kills), progress, stop),
            "array" => ArrayPart.RunAsync(parsed.GetValue(array), parsed.GetValue(changes), progress, stop),
            "idle" => InFolderAsync(parsed.GetValue(folder), at =>
                IdlePart.RunAsync(at, parsed.GetValue(kernels), TimeSpan.FromSeconds(parsed.GetValue(seconds)), progress, stop)),
            _ => InFolderAsync(parsed.GetValue(folder), at => LogPart.RunAsync(
                at, new(parsed.GetValue(rounds), parsed.GetValue(groups), parsed.GetValue(atATime), parsed.GetValue(entries)), progress, stop)),
        };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(part)!, parsed.GetValue(json), (name, progress, stop) => RunPartAsync(parsed, name, progress, stop), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] parts, bool asJson, Func<string, Progress, CancellationToken, Task<PartReport>> run, CancellationToken cancel)
    {
        var (isGood, all) = (true, new JsonObject());
        foreach (var part in parts)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(s_partLimit);
            var start = Stopwatch.GetTimestamp();
            var progress = new Progress(part);
            var report = await run(part, progress, limit.Token).WaitAsync(limit.Token);
            isGood &= report.IsWithinBounds;
            progress.Stage(string.Create(CultureInfo.InvariantCulture, $"done in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s"));
            if (asJson) all[part] = report.ToJson();
            else Console.Out.WriteLine($"{report.ToText()}\n");
        }

        if (asJson)
        {
            all["within_bounds"] = isGood;
            Console.Out.WriteLine(all.ToJsonString());
        }

        return isGood ? 0 : 1;
    }

    private static async Task<PartReport> InFolderAsync(string? given, Func<string, Task<PartReport>> run)
    {
        var folder = given is null
            ? Directory.CreateTempSubdirectory("replication-")
            : Directory.CreateDirectory(Path.Combine(given, $"replication-{Guid.NewGuid():N}"));
        try
        {
            return await run(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[]? PartsOf(string[] given, Action<string> fault)
    {
        var parts = given.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToArray();
        if (parts.Length > 0 && parts.All(s_parts.Contains)) return parts;
        fault($"--part {string.Join(' ', given)}: the parts are {string.Join(", ", s_parts)}");
        return null;
    }

    private static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
                result.AddError($"{name} {text}: a whole number from 1 on");
        });
        return option;
    }
}
