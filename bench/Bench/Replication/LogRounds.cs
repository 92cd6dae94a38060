using System.Diagnostics;
using Notebook.Agent.State;
using Notebook.Raft;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Disks;

namespace Notebook.Bench.Replication;

/// <summary>What is measured: the parts alone, and what is made of them.</summary>
internal static class LogRounds
{
    public const int EntryBytes = 1024;

    /// <summary>Lone commits before those that count: the code is compiled again as it is used, up to a few thousand times.</summary>
    public const int WarmUp = 3000;

    private const int LinkedKernels = 30;
    private static readonly byte[] s_entry = new byte[EntryBytes];

    /// <summary>An entry's bytes there and a byte back over the loopback, two threads.</summary>
    public static TimeSpan[] RoundTrips(int rounds)
    {
        var (ours, theirs) = LoopbackLinks.Pair();
        using var end = ours;
        var echo = new Thread(() =>
        {
            var buffer = new byte[EntryBytes];
            while (LoopbackLinks.Fill(theirs, buffer)) theirs.Send(buffer.AsSpan(0, 1));
            theirs.Dispose();
        });
        echo.Start();
        var back = new byte[1];
        return [.. Enumerable.Range(0, rounds).Select(_ => Time(() =>
        {
            ours.Send(s_entry);
            LoopbackLinks.Fill(ours, back);
        }))];
    }

    /// <summary>
    /// Commits one after another, each alone, at all groups in turn; and in turn with each, one entry's bytes appended to a
    /// file of their own and synced, so that both meet the disk in the same mood.
    /// </summary>
    public static async Task<(TimeSpan[] Syncs, TimeSpan[] Commits)> LoneAsync(string folder, ThreeHosts hosts, int rounds, Progress progress)
    {
        using var file = new FolderDisk(folder).Create($"alone-{rounds}");
        var (syncs, commits) = (new TimeSpan[rounds], new TimeSpan[rounds]);
        for (var i = 0; i < rounds; i++)
        {
            progress.Step("lone commits", i, rounds);
            syncs[i] = Time(() =>
            {
                file.Write(file.Length, s_entry);
                file.Sync();
            });
            var start = Stopwatch.GetTimestamp();
            await CommitAsync(hosts.Leaders[i % hosts.Leaders.Count]);
            commits[i] = Stopwatch.GetElapsedTime(start);
        }
        return (syncs, commits);
    }

    /// <summary>Commits one after another through what agents have: their links, and their logs' rules, at 30 kernels by turns.</summary>
    public static async Task<TimeSpan[]> LinkedAsync(string folder, LogLoad load, Progress progress, CancellationToken stop)
    {
        await using var agents = await ThreeAgents.StartAsync(Path.Combine(folder, "linked"));
        var leaders = new List<KernelLog>();
        for (var kernel = 0; kernel < LinkedKernels; kernel++) leaders.Add((await agents.OpenAsync(stop))[0]);
        var times = new TimeSpan[WarmUp + load.Rounds];
        for (var i = 0; i < times.Length; i++)
        {
            progress.Step("lone commits over the agents' links", i, times.Length);
            var start = Stopwatch.GetTimestamp();
            await ThreeAgents.CommitAsync(leaders[i % leaders.Count], s_entry);
            times[i] = Stopwatch.GetElapsedTime(start);
        }
        return times[WarmUp..];
    }

    /// <summary>So many commits at a time at each group; entries a second, and how long each took.</summary>
    public static async Task<(double PerSecond, IReadOnlyCollection<TimeSpan> Times)> CommitsAsync(ThreeHosts hosts, LogLoad load, Progress progress)
    {
        var left = load.Entries;
        var times = new TimeSpan[load.Entries];
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(hosts.Leaders.SelectMany(group => Enumerable.Range(0, load.AtATime).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var entry)
            {
                var proposed = Stopwatch.GetTimestamp();
                await CommitAsync(group);
                times[entry] = Stopwatch.GetElapsedTime(proposed);
                if (entry % 1000 == 0) progress.Step("commits", load.Entries - entry, load.Entries);
            }
        }))));
        return (load.Entries / Stopwatch.GetElapsedTime(start).TotalSeconds, times);
    }

    /// <summary>As many writes at a time at three stores' writers, without replication: what the disk and its group commit allow; writes a second of the slowest.</summary>
    public static async Task<double> WritesAsync(string folder, LogLoad load)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(1, 3).Select(i => Task.Run(() => WriteAsync(Path.Combine(folder, $"write-{i}"), load.Groups, load.AtATime, load.Entries))));
        return load.Entries / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task WriteAsync(string folder, int groups, int atATime, int entries)
    {
        using var store = LogStore.Open(new FolderDisk(folder), new StoreIdentity("bench", "alone"));
        await using var writer = new LogWriter(store, TimeProvider.System);
        var left = entries;
        await Task.WhenAll(Enumerable.Range(1, groups).Select(number => Task.Run(async () =>
        {
            var (id, index) = (new GroupId(new Guid(number, 0, 0, new byte[8])), 0L);
            while (Interlocked.Add(ref left, -atATime) > -atATime)
            {
                var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                for (var i = 1; i <= atATime; i++)
                {
                    var write = new GroupWrite(id) { Entries = [new Entry(new EntryId(1, ++index), EntryKind.Data, s_entry)] };
                    var taken = writer.Submit(write, i == atATime ? last.SetResult : () => { });
                    if (taken is not SubmitOutcome.Accepted) throw new InvalidOperationException($"the log writer says {taken}");
                }
                await last.Task;
            }
        })));
    }

    private static async Task CommitAsync(RaftGroup leader)
    {
        var outcome = await leader.ProposeAsync(s_entry);
        if (outcome is not CommitOutcome.Committed) throw new InvalidOperationException($"a commit ended with {outcome}");
    }

    private static TimeSpan Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }
}
