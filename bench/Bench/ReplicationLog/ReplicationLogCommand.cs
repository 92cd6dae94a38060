using System.CommandLine;

namespace Notebook.Bench.ReplicationLog;

/// <summary><c>replication-log</c>: what a commit costs, alone and of many groups, beside the disk and the loopback alone.</summary>
internal static class ReplicationLogCommand
{
    public static Command Build()
    {
        var folder = new Option<string?>("--folder") { Description = "Where the logs are written; a temporary folder when left out." };
        var rounds = new Option<int>("--rounds") { Description = "Lone commits, and syncs and round trips alone.", DefaultValueFactory = _ => 500 };
        var groups = new Option<int>("--groups") { Description = "Raft groups.", DefaultValueFactory = _ => 100 };
        var atATime = new Option<int>("--at-a-time") { Description = "Entries under way at each group for the throughput.", DefaultValueFactory = _ => 8 };
        var entries = new Option<int>("--entries") { Description = "Entries for the throughput.", DefaultValueFactory = _ => 40_000 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("replication-log", "Raft over three hosts in this process, with real syncs and loopback sockets.")
        {
            folder, rounds, groups, atATime, entries, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            var root = parsed.GetValue(folder) is { } given ? Directory.CreateDirectory(Path.Combine(given, "replication-log")) : Directory.CreateTempSubdirectory("replication-log-");
            try
            {
                var report = await RunAsync(
                    root.FullName, parsed.GetValue(rounds), parsed.GetValue(groups), parsed.GetValue(atATime), parsed.GetValue(entries));
                Console.Out.WriteLine(parsed.GetValue(json) ? report.ToJson().ToJsonString() : report.ToTable());
                return report.IsWithinBounds ? 0 : 1;
            }
            finally
            {
                root.Delete(recursive: true);
            }
        });
        return command;
    }

    private static async Task<ReplicationLogReport> RunAsync(string folder, int rounds, int groups, int atATime, int entries)
    {
        var roundTrip = LogRounds.RoundTrips(rounds);
        var writes = await LogRounds.WritesAsync(folder, groups, atATime, entries);
        await using var agents = await ThreeAgents.StartAsync(folder, groups);
        await LogRounds.LoneAsync(folder, agents, Math.Max(1, rounds / 5));
        var (syncs, lone) = await LogRounds.LoneAsync(folder, agents, rounds);
        await LogRounds.CommitsAsync(agents, atATime, entries / 10);
        var commits = await LogRounds.CommitsAsync(agents, atATime, entries);
        return new(Percentiles.Of(syncs), Percentiles.Of(roundTrip), Percentiles.Of(lone), writes, commits);
    }
}
