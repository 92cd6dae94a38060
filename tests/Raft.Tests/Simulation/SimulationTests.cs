using Xunit.Abstractions;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>
/// The production core on simulated servers and a simulated network, with a fixed number of seeds.
/// <c>./notebook test raft --seeds N</c> tries others.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 120;

    [Theory]
    [InlineData(SimulationKind.InMemory)]
    [InlineData(SimulationKind.Production)]
    public void No_seed_breaks_a_rule(string simulation)
    {
        var kind = SimulationKind.Of(simulation);
        var tallies = new List<Tally>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var result = kind.Run(seed);
            Assert.True(result.Failure is null, result.Failure is null ? "" : $"{new SeedFailure(kind, result)}");
            tallies.Add(result.Tally);
        }
        output.WriteLine($"{simulation}, seeds 1 to {Seeds}: {tallies.Sum(tally => tally.Appended)} appends, "
            + $"{tallies.Sum(tally => tally.Read)} reads, {tallies.Sum(tally => tally.Committed)} entries, "
            + $"{tallies.Sum(tally => tally.Leaders)} leaders, {tallies.Sum(tally => tally.Restored)} snapshots taken over, "
            + $"{tallies.Sum(tally => tally.Changes)} membership changes, {tallies.Sum(tally => tally.Events)} events");
        Assert.True(tallies.Sum(tally => tally.Appended) > 20 * Seeds, "the clients got too little done to prove anything");
        Assert.True(tallies.Sum(tally => tally.Read) > 5 * Seeds, "the clients read too little to prove anything");
    }

    [Theory]
    [InlineData(SimulationKind.Figure8)]
    [InlineData(SimulationKind.TornWrites)]
    public void The_roads_that_catch_rare_mutants_break_no_rule_without_them(string simulation)
    {
        for (var seed = 1; seed <= Seeds / 4; seed++)
            if (SimulationKind.Of(simulation).FailureOf(seed) is { } failure) Assert.Fail($"{failure}");
    }

    [Fact]
    public void A_seed_replays_exactly()
    {
        foreach (var (seed, kind) in Enumerable.Range(1, 3).SelectMany(_ => SimulationKind.All, (seed, kind) => (seed, kind)))
        {
            var (once, again) = (kind.Run(seed), kind.Run(seed));
            Assert.Equal(once.Trace.Events, again.Trace.Events);
            Assert.Equal(once.Trace.Hash, again.Trace.Hash);
            Assert.NotEqual(once.Trace.Hash, kind.Run(seed + 100).Trace.Hash);
        }
    }
}
