using System.Globalization;
using Xunit.Abstractions;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>
/// The production core on simulated servers and a simulated network. NOTEBOOK_RAFT_SEEDS and NOTEBOOK_RAFT_FIRST_SEED
/// make it a campaign of other seeds.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<Random, ISimulatedStore>> Stores = new()
    {
        [nameof(MemoryStore)] = _ => new MemoryStore(),
        [nameof(ProductionStore)] = random => new ProductionStore(random),
    };

    private static int Seeds => Setting("NOTEBOOK_RAFT_SEEDS", 120);

    private static int FirstSeed => Setting("NOTEBOOK_RAFT_FIRST_SEED", 1);

    [Theory]
    [InlineData(nameof(MemoryStore))]
    [InlineData(nameof(ProductionStore))]
    public void No_seed_breaks_a_rule(string store)
    {
        var tallies = new List<Tally>();
        for (var seed = FirstSeed; seed < FirstSeed + Seeds; seed++)
        {
            var result = SimulationRun.Of(seed, newStore: Stores[store]);
            Assert.True(result.Failure is null, Report(result, Stores[store]));
            tallies.Add(result.Tally);
        }
        output.WriteLine($"{store}, seeds {FirstSeed} to {FirstSeed + Seeds - 1}: {tallies.Sum(tally => tally.Appended)} appends, "
            + $"{tallies.Sum(tally => tally.Read)} reads, {tallies.Sum(tally => tally.Committed)} entries, "
            + $"{tallies.Sum(tally => tally.Leaders)} leaders, {tallies.Sum(tally => tally.Restored)} snapshots taken over, "
            + $"{tallies.Sum(tally => tally.Changes)} membership changes, {tallies.Sum(tally => tally.Events)} events");
        Assert.True(tallies.Sum(tally => tally.Appended) > 20 * Seeds, "the clients got too little done to prove anything");
        Assert.True(tallies.Sum(tally => tally.Read) > 5 * Seeds, "the clients read too little to prove anything");
    }

    [Fact]
    public void The_roads_that_catch_rare_mutants_break_no_rule_without_them()
    {
        for (var seed = FirstSeed; seed < FirstSeed + Seeds / 4; seed++)
        {
            Assert.Null(SimulationRun.Of(seed, adjust: knobs => knobs.TowardsFigure8()).Failure);
            Assert.Null(SimulationRun.Of(seed, adjust: knobs => knobs.TowardsTornWrites()).Failure);
        }
    }

    [Fact]
    public void A_seed_replays_exactly()
    {
        foreach (var (seed, newStore) in Enumerable.Range(1, 3).SelectMany(_ => Stores.Values, (seed, newStore) => (seed, newStore)))
        {
            var (once, again) = (SimulationRun.Of(seed, newStore: newStore), SimulationRun.Of(seed, newStore: newStore));
            Assert.Equal(once.Trace.Events, again.Trace.Events);
            Assert.Equal(once.Trace.Hash, again.Trace.Hash);
            Assert.NotEqual(once.Trace.Hash, SimulationRun.Of(seed + 100, newStore: newStore).Trace.Hash);
        }
    }

    private static string Report(RunResult result, Func<Random, ISimulatedStore> newStore)
    {
        var replayed = SimulationRun.Of(result.Seed, newStore: newStore, keepsTrace: true);
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
