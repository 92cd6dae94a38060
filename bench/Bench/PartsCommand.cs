using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench;

/// <summary>A benchmark of several parts, one after another: which of them, with which limit, printed how.</summary>
internal static class PartsCommand
{
    private static readonly TimeSpan s_partLimit = TimeSpan.FromMinutes(10);

    /// <summary>Runs the parts; 1 when one missed a bound, 2 when one could not be measured, which is said in place of figures.</summary>
    public static async Task<int> RunAsync(
        string[] parts, bool asJson, Func<string, Progress, CancellationToken, Task<PartReport>> run, CancellationToken cancel)
    {
        var (isGood, all) = (true, new JsonObject());
        foreach (var part in parts)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(s_partLimit);
            var start = Stopwatch.GetTimestamp();
            var progress = new Progress(part);
            PartReport report;
            try
            {
                report = await run(part, progress, limit.Token).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                Console.Error.WriteLine($"{part}: given up after {s_partLimit.TotalMinutes:0} minutes; ask for less, or on a machine that does less beside it");
                return 2;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException or InvalidOperationException)
            {
                Console.Error.WriteLine($"{part}: could not be measured: {e.Message}");
                return 2;
            }

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

    /// <summary>Runs a part in a folder of its own, in a given one or a temporary one, that is removed at the end.</summary>
    public static async Task<PartReport> InFolderAsync(string name, string? given, Func<string, Task<PartReport>> run)
    {
        var folder = given is null
            ? Directory.CreateTempSubdirectory($"{name}-")
            : Directory.CreateDirectory(Path.Combine(given, $"{name}-{Guid.NewGuid():N}"));
        try
        {
            return await run(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The option <c>--part</c>; all of them when it is left out.</summary>
    public static Option<string[]> Part(string[] parts) => new("--part")
    {
        Description = $"Only these of {string.Join(", ", parts)}; several with commas or blanks between.",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => Of(parts, [.. result.Tokens.Select(token => token.Value)], result.AddError),
        DefaultValueFactory = _ => parts,
    };

    /// <summary>An option that takes a whole number from 1 on.</summary>
    public static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
                result.AddError($"{name} {text}: a whole number from 1 on");
        });
        return option;
    }

    private static string[]? Of(string[] known, string[] given, Action<string> fault)
    {
        var parts = given.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToArray();
        if (parts.Length > 0 && parts.All(known.Contains)) return parts;
        fault($"--part {string.Join(' ', given)}: the parts are {string.Join(", ", known)}");
        return null;
    }
}
