using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench.Replication;

/// <summary>How many entries and how much time it is measured with.</summary>
/// <param name="Rounds">Lone commits, and syncs and round trips alone.</param>
/// <param name="Groups">Raft groups.</param>
/// <param name="AtATime">Entries under way at each group for the throughput.</param>
/// <param name="Entries">Entries for the throughput.</param>
internal sealed record LogLoad(int Rounds, int Groups, int AtATime, int Entries);

/// <summary>What a commit costs, alone and of many groups, beside the disk and the loopback alone: three Raft hosts, each with a store, in this process.</summary>
internal static class LogPart
{
    public static async Task<PartReport> RunAsync(string folder, LogLoad load, Progress progress, CancellationToken stop)
    {
        progress.Stage("the loopback and the disk alone");
        var roundTrip = Percentiles.Of(LogRounds.RoundTrips(load.Rounds));
        var writes = await LogRounds.WritesAsync(folder, load);
        stop.ThrowIfCancellationRequested();
        progress.Stage("lone commits over the agents' links");
        var linked = Percentiles.Of(await LogRounds.LinkedAsync(folder, load, progress, stop));
        progress.Stage($"{load.Groups} groups, lone commits");
        await using var hosts = await ThreeHosts.StartAsync(folder, load.Groups);
        await LogRounds.LoneAsync(folder, hosts, LogRounds.WarmUp, progress);
        var (syncs, lone) = await LogRounds.LoneAsync(folder, hosts, load.Rounds, progress);
        stop.ThrowIfCancellationRequested();
        progress.Stage($"{load.Entries:N0} commits, {load.AtATime} at a time at each group");
        await LogRounds.CommitsAsync(hosts, load with { Entries = Math.Max(1, load.Entries / 10) }, progress);
        var (commits, loaded) = await LogRounds.CommitsAsync(hosts, load, progress);
        return Report(Percentiles.Of(syncs), roundTrip, Percentiles.Of(lone), linked, Percentiles.Of(loaded), writes, commits);
    }

    private static PartReport Report(
        Percentiles sync, Percentiles roundTrip, Percentiles alone, Percentiles linked, Percentiles loaded, double writes, double commits) => new(
        "The replicated log, entries of 1 KiB",
        [
            Percentiles.Head, sync.ToRow("fsync of 1 KiB"), roundTrip.ToRow("loopback round trip"), alone.ToRow("commit, alone"),
            linked.ToRow("commit, alone, agents' links"), loaded.ToRow("commit, under load"),
            string.Create(CultureInfo.InvariantCulture, $"entries a second: committed {commits:N0}, written by three stores without Raft {writes:N0}, ratio {commits / writes:0.00}"),
        ],
        new JsonObject
        {
            ["fsync"] = sync.ToJson(),
            ["round_trip"] = roundTrip.ToJson(),
            ["commit_alone"] = alone.ToJson(),
            ["commit_alone_linked"] = linked.ToJson(),
            ["commit_under_load"] = loaded.ToJson(),
            ["writes_per_second"] = Math.Round(writes),
            ["commits_per_second"] = Math.Round(commits),
        },
        [new("commit alone, p50, against 2 fsyncs and a round trip", alone.P50, (2 * sync.P50) + roundTrip.P50, " ms")]);
}
