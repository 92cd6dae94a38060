using System.CommandLine;

namespace Notebook.Bench.Replication;

/// <summary><c>replication</c>: what a replicated kernel costs, and how fast it goes on elsewhere. One command, its parts one after another.</summary>
internal static class ReplicationCommand
{
    private static readonly string[] s_parts = ["cells", "failover", "array", "idle", "log"];

    public static Command Build()
    {
        var part = PartsCommand.Part(s_parts);
        var cells = PartsCommand.Number("--cells", 500, "cells: cells on each side.");
        var warmUp = PartsCommand.Number("--warm-up", 50, "cells: cells on each side before those that count.");
        var kills = PartsCommand.Number("--kills", 10, "failover: how often the executor's agent is killed.");
        var array = PartsCommand.Number("--array-mb", 1000, "array: the array's size in MB; this machine needs about eight times as much memory.");
        var changes = PartsCommand.Number("--changes", 5, "array: how many cells change one per cent.");
        var kernels = PartsCommand.Number("--kernels", 1000, "idle: kernels.");
        var seconds = PartsCommand.Number("--idle-seconds", 20, "idle: how long the processor is looked at.");
        var rounds = PartsCommand.Number("--rounds", 500, "log: lone commits, and syncs and round trips alone.");
        var groups = PartsCommand.Number("--groups", 100, "log: Raft groups.");
        var atATime = PartsCommand.Number("--at-a-time", 8, "log: entries under way at each group for the throughput.");
        var entries = PartsCommand.Number("--entries", 40_000, "log: entries for the throughput.");
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
            "idle" => PartsCommand.InFolderAsync("replication", parsed.GetValue(folder), at =>
                IdlePart.RunAsync(at, parsed.GetValue(kernels), TimeSpan.FromSeconds(parsed.GetValue(seconds)), progress, stop)),
            _ => PartsCommand.InFolderAsync("replication", parsed.GetValue(folder), at => LogPart.RunAsync(
                at, new(parsed.GetValue(rounds), parsed.GetValue(groups), parsed.GetValue(atATime), parsed.GetValue(entries)), progress, stop)),
        };
        command.SetAction((parsed, cancel) => PartsCommand.RunAsync(
            parsed.GetValue(part)!, parsed.GetValue(json), (name, progress, stop) => RunPartAsync(parsed, name, progress, stop), cancel));
        return command;
    }
}
