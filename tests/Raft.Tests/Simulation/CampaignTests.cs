using Notebook.Raft.Tests.Mutants;
using Notebook.TestKit;

namespace Notebook.Raft.Tests.Simulation;

public sealed class CampaignTests
{
    [Fact]
    public void A_campaign_on_many_threads_names_the_lowest_seed_that_fails_and_its_checker()
    {
        var expected = LowestOfABrokenRule();
        var passed = 0;

        var found = SeedRun.LowestFailure(1, 100, 4, OfABrokenRule, () => passed++)!;

        Assert.Equal((expected.Seed, expected.Checker), (found.Seed, found.Checker));
        Assert.InRange(passed, found.Seed - 1, found.Seed + 2);
        Assert.Contains("breaks a rule", found.ToString());
        Assert.Contains("leads in", found.Story(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"--seeds 1 --first-seed {expected.Seed}", found.ToString());
    }

    [Fact]
    public void Seeds_that_run_when_one_fails_are_run_to_their_end()
    {
        var failure = LowestOfABrokenRule();
        using var secondFailed = new ManualResetEventSlim();
        SeedFailure? Check(int seed)
        {
            if (seed == 1) Assert.True(secondFailed.Wait(TimeSpan.FromSeconds(20)), "seed 2 never ran beside seed 1");
            if (seed == 2) secondFailed.Set();
            return failure with { Result = failure.Result with { Seed = seed } };
        }
        Assert.Equal(1, SeedRun.LowestFailure(1, 2, 2, Check, () => { })!.Seed);
    }

    [Fact]
    public void A_campaign_runs_each_seed_once_and_ends_well_at_the_last_that_there_is()
    {
        var (seeds, passed) = (new List<int>(), 0);
        Assert.Null(SeedRun.LowestFailure(int.MaxValue - 2, 3, 1, seed => Add(seeds, seed), () => passed++));
        Assert.Equal([int.MaxValue - 2, int.MaxValue - 1, int.MaxValue], seeds);
        Assert.Equal(3, passed);
    }

    private static SeedFailure? OfABrokenRule(int seed) =>
        SimulationKind.Of(SimulationKind.InMemory).FailureOf(seed, new BrokenRule(new CountsTooFewCopies()));

    private static SeedFailure LowestOfABrokenRule() => Enumerable.Range(1, 100).Select(OfABrokenRule).First(failure => failure is not null)!;

    private static SeedFailure? Add(List<int> seeds, int seed)
    {
        seeds.Add(seed);
        return null;
    }
}
