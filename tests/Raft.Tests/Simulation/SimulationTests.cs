using System.Globalization;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>
/// The production core on simulated servers and a simulated network. NOTEBOOK_RAFT_SEEDS and NOTEBOOK_RAFT_FIRST_SEED
/// make it a campaign of other seeds.
/// </summary>
public sealed class SimulationTests
{
    private static int Seeds => Setting("NOTEBOOK_RAFT_SEEDS", 150);

    private static int FirstSeed => Setting("NOTEBOOK_RAFT_FIRST_SEED", 1);

    [Fact]
    public void No_seed_breaks_a_rule()
    {
        var tallies = new List<Tally>();
        for (var seed = FirstSeed; seed < FirstSeed + Seeds; seed++)
        {
            var result = SimulationRun.Of(seed);
            Assert.True(result.Failure is null, Report(result));
            tallies.Add(result.Tally);
        }
        Assert.True(tallies.Sum(tally => tally.Appended) > 20 * Seeds, "the clients got too little done to prove anything");
        Assert.True(tallies.Sum(tally => tally.Read) > 5 * Seeds, "the clients read too little to prove anything");
    }

    [Fact]
    public void A_seed_replays_exactly()
    {
        foreach (var seed in new[] { 1, 2, 3 })
        {
            var (once, again) = (SimulationRun.Of(seed), SimulationRun.Of(seed));
            Assert.Equal(once.Trace.Events, again.Trace.Events);
            Assert.Equal(once.Trace.Hash, again.Trace.Hash);
            Assert.NotEqual(once.Trace.Hash, SimulationRun.Of(seed + 100).Trace.Hash);
        }
    }

    private static string Report(RunResult result)
    {
        var replayed = SimulationRun.Of(result.Seed, keepsTrace: true);
        return $"""
            seed {result.Seed} breaks a rule: {result.Failure}
            replay it with NOTEBOOK_RAFT_FIRST_SEED={result.Seed} NOTEBOOK_RAFT_SEEDS=1
            {result.Knobs}
            {string.Join('\n', replayed.Trace.Lines)}
            """;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
