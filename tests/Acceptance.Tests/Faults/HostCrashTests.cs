using System.Diagnostics;
using System.Globalization;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>
/// A notebook of forty cells on a platform that loses its GPU servers: 30 times a random one is killed with all its
/// processes, and comes back, in the middle of a cell or between two. <c>NOTEBOOK_FAULT_SEED</c> replays a seed,
/// <c>NOTEBOOK_FAULT_ROUNDS</c> goes through the notebook more often, each time with the next seed.
/// </summary>
[Collection(ClusterGroup.Name)]
public class HostCrashTests(ITestOutputHelper output)
{
    private const int Kills = 30;
    private const int MaxTries = 3;   // a server that comes back under load may be given up again
    private static readonly TimeSpan s_cellLimit = TimeSpan.FromSeconds(30);
    private readonly List<string> _story = [];
    private TimeSpan _slowest;

    [RequiresModuleFact("pandas", "python3-pandas")]
    public async Task A_notebook_gives_what_a_plain_kernel_gives_however_often_its_servers_are_killed()
    {
        var (first, rounds) = Seeds.Read();
        var expected = await FortyCells.RunPlainAsync();
        Assert.Equal(40, expected.Count);
        await using var cluster = await TestCluster.StartAsync();
        try
        {
            for (var seed = first; seed < first + rounds; seed++)
            {
                output.WriteLine($"seed {seed}");
                await RunAsync(cluster, seed, expected);
                output.WriteLine($"  {string.Join("\n  ", _story)}\n  the slowest cell took {_slowest.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
                _story.Clear();
            }
        }
        finally
        {
            output.WriteLine(string.Join('\n', _story));
            output.WriteLine(cluster.Platform.LogTails());
        }
    }

    private async Task RunAsync(TestCluster cluster, int seed, IReadOnlyList<CellRecord> expected)
    {
        var random = new Random(seed);
        var kernel = await cluster.Platform.Api.StartKernelAsync();
        await using var session = await cluster.Platform.Api.ConnectAsync(kernel);
        await cluster.ReplicasUpAsync(kernel);
        var struck = Enumerable.Range(0, expected.Count).OrderBy(_ => random.Next()).Take(Kills).ToHashSet();
        var back = Task.CompletedTask;
        for (var i = 0; i < expected.Count; i++)
        {
            var strike = struck.Contains(i) ? Strike.Draw(random, FortyCells.Code[i]) : null;
            if (strike is not null) await back;
            if (strike is { At: Moment.Before }) back = await KillAsync(cluster, kernel, strike, $"before cell {i + 1}");

            var started = Stopwatch.GetTimestamp();
            var id = await session.SubmitAsync(FortyCells.Code[i]);
            if (strike is { At: Moment.During })
            {
                await strike.ReachedAsync(session, id);
                back = await KillAsync(cluster, kernel, strike, $"during cell {i + 1}");
            }

            var cell = await session.EndOfAsync(id, s_cellLimit);
            _slowest = TimeSpan.FromTicks(Math.Max(_slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            for (var tries = 1; tries <= MaxTries && cell.ErrorName == "ExecutorLost"; tries++)
            {
                // It must have changed nothing, so that it can be run again: its number and all that it says show it.
                _story.Add($"  cell {i + 1}: ExecutorLost");
                Assert.Contains("what this cell changed is gone", cell.Reply.Content["evalue"]!.GetValue<string>(), StringComparison.Ordinal);
                cell = await session.ExecuteAsync(FortyCells.Code[i], s_cellLimit);
            }

            var record = CellRecord.Of(cell);
            var recalled = record.WithoutNotice();
            if (recalled is not null) _story.Add($"  cell {i + 1}: its reply came out of the log");
            var difference = recalled?.DifferenceFromEnd(expected[i]) ?? record.DifferenceFrom(expected[i]);
            Assert.True(difference.Length == 0, $"seed {seed}, cell {i + 1}: {difference}\n{FortyCells.Code[i]}");
        }

        await back;
        Assert.Equal(Kills, struck.Count);
        await cluster.Platform.Api.DeleteKernelAsync(kernel);
    }

    /// <returns>Ends when the server is back, and its replica with it.</returns>
    private async Task<Task> KillAsync(TestCluster cluster, string kernel, Strike strike, string when)
    {
        var status = await cluster.Platform.ClusterAsync("an executor", s => s.Executor(kernel) is not null);
        var executor = cluster.Servers.Single(s => s.Id == status.Executor(kernel)!.Server);
        var victim = strike.TheExecutor ? executor : cluster.Servers[strike.Server];
        _story.Add($"{when}: {victim.Id}{(victim == executor ? ", the executor" : "")}");
        await victim.KillAsync();
        return BackAsync();

        async Task BackAsync()
        {
            await victim.StartAsync();
            await cluster.ReplicasUpAsync(kernel);
        }
    }

    private enum Moment
    {
        Before,
        During,
    }

    /// <summary>When and whom to kill.</summary>
    /// <param name="At">Before the cell is submitted, or while it runs.</param>
    /// <param name="TheExecutor">The server that runs the cells; else any of them.</param>
    /// <param name="Server">Which.</param>
    /// <param name="Lines">How many lines the cell may print before.</param>
    private sealed record Strike(Moment At, bool TheExecutor, int Server, int Lines)
    {
        public static Strike Draw(Random random, string code)
        {
            var isLong = code.Contains("flush=True", StringComparison.Ordinal);
            var at = isLong || random.Next(2) == 0 ? Moment.During : Moment.Before;
            return new(at, random.Next(2) == 0, random.Next(TestCluster.Size), isLong ? random.Next(1, 7) : 0);
        }

        /// <summary>Waits until the cell runs, and has printed so much.</summary>
        public async Task ReachedAsync(KernelSession session, string cell)
        {
            await session.WaitAsync("the cell's start", m => m.Parent.MessageId == cell && (m.Type == "execute_input" || m.Type == "execute_reply"));
            var lines = 0;
            if (Lines > 0)
            {
                await session.WaitAsync($"{Lines} lines of the cell", m => m.Parent.MessageId == cell
                    && ((m.Type == "stream" && (lines += m.Text("text").Count(c => c == '\n')) >= Lines) || m.Type == "execute_reply"));
            }
        }
    }
}
