using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class PrewarmPolicyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("agent", PrewarmKind.Agent, 0)]
    [InlineData("fixed:4", PrewarmKind.Fixed, 4)]
    [InlineData("fixed:0", PrewarmKind.Fixed, 0)]
    [InlineData("minimum:64", PrewarmKind.Minimum, 64)]
    [InlineData("littles-law", PrewarmKind.LittlesLaw, 0)]
    public void Each_policy_has_its_words_and_its_name(string words, PrewarmKind kind, int count)
    {
        var choice = PrewarmChoice.Parse(words)!;
        Assert.Equal(new PrewarmChoice(kind, count), choice);
        Assert.Equal(words, choice.ToString());
        Assert.Equal(words.Split(':')[0], PrewarmPolicies.Of(choice).Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fixed")]
    [InlineData("fixed:")]
    [InlineData("fixed:-1")]
    [InlineData("fixed:65")]
    [InlineData("fixed: 4")]
    [InlineData("fixed:4:4")]
    [InlineData("minimum:4.5")]
    [InlineData("littles-law:3")]
    [InlineData("Fixed:4")]
    public void Other_words_pick_nothing(string words) => Assert.Null(PrewarmChoice.Parse(words));

    [Fact]
    public void The_default_leaves_it_to_the_agents() => Assert.Null(PrewarmPolicies.Of(PrewarmChoice.Default).Size(s_now, Idle).Target);

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Fixed_is_fixed_whatever_is_started(int count) =>
        Assert.Equal(count, new FixedPool(count).Size(s_now, Starting(perSecond: 50, holding: 1)).Target);

    [Fact]
    public void Minimum_adds_what_starts_keep_away_on_average()
    {
        Assert.Equal(2, new MinimumPool(2).Size(s_now, Idle).Target);
        Assert.Equal(2 + 6, new MinimumPool(2).Size(s_now, Starting(perSecond: 4, holding: 1.5)).Target);
        Assert.Equal(PrewarmChoice.MaxCount, new MinimumPool(60).Size(s_now, Starting(perSecond: 40, holding: 5)).Target);
    }

    [Theory]
    [InlineData(0, 0.5, 1)]          // nothing starts: one is kept
    [InlineData(0.01, 0.5, 1)]       // one in 100 s: 0.005 + 3 * 0.07 is less than one
    [InlineData(2, 0.5, 4)]          // 1 + 3 * 1
    [InlineData(8, 0.5, 10)]         // 4 + 3 * 2
    [InlineData(1000, 1, 64)]        // never more than the most
    public void Littles_law_keeps_the_average_and_three_deviations(double perSecond, double holding, int expected) =>
        Assert.Equal(expected, new LittlesLawPool().Size(s_now, Starting(perSecond, holding)).Target);

    [Fact]
    public void Littles_law_heeds_the_last_window_when_that_had_more_than_the_average()
    {
        var burst = Idle with { Window = TimeSpan.FromSeconds(30), StartsInWindow = 60, StartsPerSecond = 0.1, HoldingTime = TimeSpan.FromSeconds(0.5) };
        Assert.Equal(4, new LittlesLawPool().Size(s_now, burst).Target);
    }

    [Fact]
    public void Littles_law_stays_within_a_quarter_of_the_free_memory_beside_what_is_warm_already()
    {
        var decision = new LittlesLawPool().Size(s_now, Starting(8, 0.5) with { FreeMemoryMb = 400, ProcessMemoryMb = 50, Warm = 1 });
        Assert.Equal(3, decision.Target);
        Assert.Contains("10 are wanted, and memory has room for 3 (400 MB free, 50 MB each)", decision.Reason, StringComparison.Ordinal);
        var two = Starting(8, 0.5) with { FreeMemoryMb = 400, ProcessMemoryMb = 50, Warm = 4, KernelSpecs = 2 };
        Assert.Equal(3, new LittlesLawPool().Size(s_now, two).Target);   // of each kernelspec
        Assert.Equal(0, new LittlesLawPool().Size(s_now, two with { Warm = 0, FreeMemoryMb = 0 }).Target);
    }

    [Fact]
    public void Littles_law_never_asks_for_less_when_more_is_started_and_always_within_its_bounds()
    {
        var servers =
            from rate in Gen.Choose(0, 100_000)
            from more in Gen.Choose(0, 100_000)
            from milliseconds in Gen.Choose(0, 100_000)
            from free in Gen.Choose(0, 100_000)
            from memory in Gen.Choose(0, 500)
            from warm in Gen.Choose(0, 64)
            from specs in Gen.Choose(1, 5)
            select (rate / 1000.0, more / 1000.0, new PrewarmServer(
                new ServerId("s"), warm, TimeSpan.FromSeconds(30), 0, 0, TimeSpan.FromMilliseconds(milliseconds), memory, free, specs, 0));
        Prop.ForAll(servers.ToArbitrary(), drawn =>
        {
            var (rate, more, server) = drawn;
            var policy = new LittlesLawPool();
            var less = policy.Size(s_now, server with { StartsPerSecond = rate }).Target;
            var greater = policy.Size(s_now, server with { StartsPerSecond = rate + more }).Target;
            var hasRoom = server.ProcessMemoryMb == 0
                || Math.Max(0, (greater!.Value * server.KernelSpecs) - server.Warm) * server.ProcessMemoryMb <= server.FreeMemoryMb / LittlesLawPool.MemoryShare;
            return less is >= 0 and <= PrewarmChoice.MaxCount && less <= greater && greater <= PrewarmChoice.MaxCount && hasRoom;
        }).QuickCheckThrowOnFailure();
    }

    private static PrewarmServer Idle { get; } =
        new(new ServerId("s"), 0, TimeSpan.Zero, 0, 0, TimeSpan.Zero, 0, null, 1, 0);

    private static PrewarmServer Starting(double perSecond, double holding) => Idle with
    {
        Window = TimeSpan.FromSeconds(30),
        StartsPerSecond = perSecond,
        HoldingTime = TimeSpan.FromSeconds(holding),
    };
}
