using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Replication;

/// <summary>
/// The agent of the executor is killed, and the next cell is submitted at once: how long until its right answer is here.
/// A cell that ends as <c>ExecutorLost</c> is submitted again, in the same time. Between two kills the agent is started
/// again by its supervisor, and the kernel has three live replicas again.
/// </summary>
internal static class FailoverPart
{
    private const int Values = 10_000, ValueBytes = 1_000;
    private const double P50Max = 2000, P99Max = 4000;
    private static readonly TimeSpan s_cellLimit = TimeSpan.FromSeconds(60), s_wholeLimit = TimeSpan.FromSeconds(90);

    private static readonly string s_make = $$"""
        import hashlib, random
        turn, chance = 0, random.Random(7)
        for i in range({{Values}}): globals()[f'v{i}'] = chance.randbytes({{ValueBytes}})
        """;

    private const string Next = "turn += 1; turn, hashlib.sha256(v0 + v5000 + v9999).hexdigest()";

    private static readonly string s_all = $$"""
        hashlib.sha256(b''.join(globals()[f'v{i}'] for i in range({{Values}}))).hexdigest()
        """;

    public static async Task<PartReport> RunAsync(int kills, Progress progress, CancellationToken stop)
    {
        progress.Stage("bringing a platform up");
        await using var platform = await NotebookPlatform.UpAsync();
        var kernel = await platform.Api.StartKernelAsync();
        await using var session = await platform.Api.ConnectAsync(kernel);
        await ExpectAsync(session, s_make, null);
        var all = await ExpectAsync(session, s_all, null);
        var first = await ExpectAsync(session, Next, null);
        var digest = first![(first!.IndexOf(',') + 1)..];

        List<TimeSpan> fromKill = [], fromSubmission = [], untilLost = [];
        for (var turn = 2; turn < kills + 2; turn++)
        {
            stop.ThrowIfCancellationRequested();
            progress.Stage($"kill {turn - 1} of {kills}");
            var victim = await VictimAsync(platform, kernel);
            var killed = Stopwatch.GetTimestamp();
            Processes.KillNine(victim);
            var submitted = Stopwatch.GetTimestamp();
            await AnswerAsync(session, $"({turn},{digest}", () => untilLost.Add(Stopwatch.GetElapsedTime(submitted)));
            fromKill.Add(Stopwatch.GetElapsedTime(killed));
            fromSubmission.Add(Stopwatch.GetElapsedTime(submitted));
            await ExpectAsync(session, s_all, all);   // not only what the timed cell looks at
        }

        return Report(Percentiles.Of(fromKill), Percentiles.Of(fromSubmission), untilLost);
    }

    private static PartReport Report(Percentiles fromKill, Percentiles fromSubmission, List<TimeSpan> untilLost) => new(
        $"Failover, {Values * ValueBytes / 1_000_000} MB of state in {Values:N0} values",
        [
            Percentiles.Head, fromKill.ToRow("from the kill to the answer"), fromSubmission.ToRow("from the submission"),
            .. untilLost.Count == 0 ? [] : new[] { Percentiles.Of(untilLost).ToRow("  until it ended as ExecutorLost") },
            string.Create(CultureInfo.InvariantCulture, $"longest {fromKill.Max:0} ms; cells that ended as ExecutorLost and were submitted again: {untilLost.Count}"),
        ],
        new JsonObject { ["from_kill"] = fromKill.ToJson(), ["from_submission"] = fromSubmission.ToJson(), ["executor_lost"] = untilLost.Count },
        [new("from the kill, p50", fromKill.P50, P50Max, " ms"), new("from the kill, p99", fromKill.P99, P99Max, " ms")]);

    /// <summary>Waits until all three servers and replicas are there, and gives the process id of the executor's agent.</summary>
    private static async Task<int> VictimAsync(NotebookPlatform platform, string kernel)
    {
        var status = await platform.StatusAsync(
            "three servers that are up, and three replicas with live processes and safe state",
            s => s.Servers.Count(v => v.State == "up" && Processes.Mark(v.Pid) is not null) == 3 && s.Executor(kernel) is not null
                && s.Kernel(kernel) is { StateSafe: true } k && k.Replicas.Count(r => r.Pid > 0 && Processes.Mark(r.Pid) is not null) == 3,
            s_wholeLimit);
        var executor = status.Executor(kernel)!;
        return status.Servers.Single(s => s.Id == executor.Server).Pid;
    }

    /// <summary>Submits the cell until it has its answer.</summary>
    private static async Task AnswerAsync(KernelSession session, string expected, Action lost)
    {
        while (true)
        {
            var cell = await session.ExecuteAsync(Next, s_cellLimit);
            if (cell.Result == expected) return;
            if (cell.ErrorName != "ExecutorLost") throw new InvalidOperationException($"the answer after a failover should be {expected}:\n{cell}");
            lost();
        }
    }

    private static async Task<string?> ExpectAsync(KernelSession session, string code, string? expected)
    {
        var cell = await session.ExecuteAsync(code, s_cellLimit);
        if (cell.Status != "ok" || (expected is not null && cell.Result != expected)) throw new InvalidOperationException($"a cell's answer is wrong:\n{cell}");
        return cell.Result;
    }
}
