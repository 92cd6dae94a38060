using Microsoft.Extensions.Logging;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Policies.Guards;

namespace Notebook.Grains.Tests.Policies;

/// <summary>Plug-ins that fail. Limits are minutes where an answer is expected, so that no load on the machine looks like a hang.</summary>
public sealed class PolicyGuardTests : IDisposable
{
    private static readonly GuardLimits s_patient = new(TimeSpan.FromMinutes(5), Hangs: 3, AtOnce: 16);
    private static readonly GuardLimits s_impatient = s_patient with { Decision = TimeSpan.FromMilliseconds(20) };
    private static readonly ImmutableArray<PlacementServer> s_servers = [Server("b", 0), Server("c", 1), Server("a", 2)];
    private static readonly ImmutableArray<ExecutorCandidate> s_replicas = [Candidate(1, false), Candidate(2, true)];

    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLog _log = new();
    private readonly ManualResetEventSlim _hang = new();

    public void Dispose()
    {
        _hang.Set();
        _log.Dispose();
    }

    [Fact]
    public void What_a_plug_in_decides_is_done()
    {
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, servers) => new([servers[^1].Server], "the last")));
        Assert.Equal(["a"], Place(use).Servers.Select(s => s.Value));
        Assert.Equal(new PolicyInUse("placement", "scripted", TestPlugins.File, 0, null), Assert.Single(use.View, p => p.Origin != "built-in"));
    }

    [Fact]
    public void One_that_throws_is_counted_and_the_default_decides()
    {
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, _) => throw new InvalidOperationException("no\nidea")));
        Assert.Equal(["b", "c"], Place(use).Servers.Select(s => s.Value));
        Assert.StartsWith("least-loaded instead of scripted, which failed: ", Place(use).Reason, StringComparison.Ordinal);
        Assert.Equal((2, "it threw InvalidOperationException: no idea"), Faults(use));
        Assert.Contains("The placement policy scripted of Test.dll: it threw InvalidOperationException: no idea; least-loaded decides instead", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Even_an_exception_that_cannot_say_what_it_is_does_no_harm()
    {
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, _) => throw new Speechless()));
        Assert.Equal(2, Place(use).Servers.Length);
        Assert.Equal((1, "it threw Speechless"), Faults(use));
    }

    public static TheoryData<string, PlacementDecision?> BadPlacements => new()
    {
        { "it is null", null },
        { "it names no servers, not even none", new(default, "") },
        { "it names no server of 3", new([], "") },
        { "it names server 'z', which was not offered", new([new("z")], "") },
        { "it names server '', which was not offered", new([default], "") },
        { "it names server a twice", new([new("a"), new("a")], "") },
        { "it names 3 servers, 2 were asked for", new([new("a"), new("b"), new("c")], "") },
    };

    [Theory]
    [MemberData(nameof(BadPlacements))]
    public void Placements_that_are_no_use_are_not_used(string wrong, PlacementDecision? answer)
    {
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, _) => answer!));
        Assert.Equal(["b", "c"], Place(use).Servers.Select(s => s.Value));
        Assert.Equal((1, $"its answer is no use: {wrong}"), Faults(use));
    }

    public static TheoryData<string, ImmutableArray<ReplicaId>> BadOrders => new()
    {
        { "it names no replicas, not even none", default },
        { "it names replica 'k/7', which was not offered", [new("k/7")] },
        { "it names replica k/1 twice", [new("k/1"), new("k/1")] },
    };

    [Theory]
    [MemberData(nameof(BadOrders))]
    public void Orders_of_executors_that_are_no_use_are_not_used(string wrong, ImmutableArray<ReplicaId> answer)
    {
        var use = Use(PolicyKinds.Executor, new ScriptedExecutor(_ => answer));
        Assert.Equal(["k/2", "k/1"], ((IExecutorPolicy)use.Of(PolicyKinds.Executor)).Order(null, s_replicas).Select(r => r.Value));
        Assert.Equal((1, $"its answer is no use: {wrong}"), Faults(use));
    }

    [Fact]
    public void An_executor_policy_may_leave_replicas_out()
    {
        var use = Use(PolicyKinds.Executor, new ScriptedExecutor(_ => []));
        Assert.Empty(((IExecutorPolicy)use.Of(PolicyKinds.Executor)).Order(null, s_replicas));
        Assert.Equal((0, null), Faults(use));
    }

    public static TheoryData<string, ImmutableArray<int>> BadQueues => new()
    {
        { "it names no places, not even none", default },
        { "it orders 1 of 2 cells", [1] },
        { "it names place 0 twice", [0, 0] },
        { "it names place '2', which was not offered", [0, 1, 2] },
    };

    [Theory]
    [MemberData(nameof(BadQueues))]
    public void Orders_of_the_queue_that_are_no_permutation_are_not_used(string wrong, ImmutableArray<int> answer)
    {
        var use = Use(PolicyKinds.Queue, new ScriptedQueue(_ => answer));
        QueuedRequest waits = new(new KernelId("k"), "ann", new(1, 0, 0, 0), _time.GetUtcNow());
        var queue = new QueueView(_time.GetUtcNow(), [waits, waits with { Kernel = new KernelId("l") }], ImmutableDictionary<string, int>.Empty);
        Assert.Equal([0, 1], ((IQueuePolicy)use.Of(PolicyKinds.Queue)).Order(queue).ToArray());
        Assert.Equal((1, $"its answer is no use: {wrong}"), Faults(use));
    }

    [Theory]
    [InlineData("k/9", "b", "it names replica 'k/9', which was not offered")]
    [InlineData("k/1", "z", "it names server 'z', which was not offered")]
    public void Moves_that_were_not_offered_are_not_made(string replica, string target, string wrong)
    {
        var use = Use(PolicyKinds.Migration, new ScriptedMigration(_ => new(new(replica), new(target), "")));
        Assert.Equal(new ServerId("b"), Move(use)!.Target);
        Assert.Equal((1, $"its answer is no use: {wrong}"), Faults(use));
    }

    [Fact]
    public void A_migration_policy_may_move_nothing()
    {
        var use = Use(PolicyKinds.Migration, new ScriptedMigration(_ => null));
        Assert.Null(Move(use));
        Assert.Equal((0, null), Faults(use));
    }

    [Theory]
    [InlineData(false, "it is null")]
    [InlineData(true, "there is no standby mode 9")]
    public void Standby_modes_that_there_are_not_are_not_used(bool answers, string wrong)
    {
        var use = Use(PolicyKinds.Standby, new ScriptedStandby(_ => answers ? new((StandbyMode)9, "") : null!));
        Assert.Equal(StandbyMode.Hot, ((IStandbyPolicy)use.Of(PolicyKinds.Standby)).Choose(new StandbyKernel(new KernelId("k"), null, 3)).Mode);
        Assert.Equal((1, $"its answer is no use: {wrong}"), Faults(use));
    }

    [Theory]
    [InlineData(-1, "", "it adds -1 servers")]
    [InlineData(1, "ours", "it adds and removes servers at once")]
    [InlineData(3, "", "3 servers and 3 more are above the maximum of 5")]
    [InlineData(0, "ours busy", "3 servers without 2 are below the minimum of 2")]
    [InlineData(0, "busy", "it names server 'busy', which was not offered")]
    [InlineData(0, "others", "it names server 'others', which was not offered")]
    public void Numbers_of_servers_that_may_not_be_are_not_used(int add, string remove, string wrong)
    {
        ImmutableArray<ServerId> removed = [.. remove.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => new ServerId(s))];
        var use = Use(PolicyKinds.Scaling, new ScriptedScaling(_ => new(add, removed, "")));
        var now = _time.GetUtcNow();
        ScalingServer ours = new(new("ours"), 8, 0, 0, 0, false, IsOurs: true, true, now);
        ScalingServer busy = ours with { Server = new("busy"), CommittedGpus = 1 };
        var view = new ScalingView(now, [ours, busy, ours with { Server = new("others"), IsOurs = false }], [], [], 2, 5, 0, 8, TimeSpan.FromSeconds(30));
        Assert.StartsWith("peak instead of", ((IScalingPolicy)use.Of(PolicyKinds.Scaling)).Decide(view).Reason, StringComparison.Ordinal);
        Assert.Equal((1, $"its answer is no use: {wrong}"), Faults(use));
    }

    [Fact]
    public void One_that_never_returns_costs_its_time_three_times_and_is_not_asked_again()
    {
        var asked = 0;
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, _) =>
        {
            Interlocked.Increment(ref asked);
            _hang.Wait();
            return null!;
        }), s_impatient);
        for (var i = 0; i < 5; i++) Assert.Equal(["b", "c"], Place(use).Servers.Select(s => s.Value));
        Assert.True(asked <= 3, $"asked {asked} times");
        Assert.Equal((3, "it did not answer within 0.02 s for the 3. time: it is switched off until the silo is restarted"), Faults(use));
        Assert.Contains("switched off", _log.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_threads_are_given_to_a_plug_in_than_it_may_have()
    {
        using var inside = new ManualResetEventSlim();
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, servers) =>
        {
            inside.Set();
            _hang.Wait();
            return new([servers[^1].Server], "");
        }), s_patient with { AtOnce = 1 });
        var first = Task.Run(() => Place(use));
        inside.Wait();
        Assert.Equal(["b", "c"], Place(use).Servers.Select(s => s.Value));
        Assert.Equal((1, "1 of its decisions are under way already"), Faults(use));
        _hang.Set();
        Assert.Equal(["a"], (await first).Servers.Select(s => s.Value));
        Assert.Equal(["a"], Place(use).Servers.Select(s => s.Value));
    }

    [Fact]
    public void The_log_has_a_line_a_minute_and_says_what_it_left_out()
    {
        var use = Use(PolicyKinds.Placement, new ScriptedPlacement((_, _) => throw new InvalidOperationException()));
        for (var i = 0; i < 4; i++) Place(use);
        Assert.Single(_log.Lines);
        _time.Advance(TimeSpan.FromMinutes(1));
        Place(use);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("(3 more such since the last line)", _log.Lines.Last(), StringComparison.Ordinal);
        Assert.Equal(5, Faults(use).Count);
    }

    [Fact]
    public void Built_in_policies_are_asked_directly()
    {
        var plan = PolicyCatalog.BuiltIn.Plan([]);
        var use = new PoliciesInUse(plan, s_patient, _time, Log());
        foreach (var pick in plan.Picks) Assert.Same(pick.Policy, use.Of(pick.Known.Kind));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void A_reclaim_policy_that_wants_to_be_asked_too_often_or_too_seldom_is_not_asked(double seconds)
    {
        var use = Use(PolicyKinds.Reclaim, new ScriptedReclaim(TimeSpan.FromSeconds(seconds), _ => null!));
        var policy = (IReclaimPolicy)use.Of(PolicyKinds.Reclaim);
        Assert.Null(policy.Every);
        Assert.False(policy.Decide(default, new ReclaimKernel(new KernelId("k"), "u", default, default, [])).Reclaim);
        Assert.Equal((2, "its answer is no use: it is null"), Faults(use));
    }

    private PoliciesInUse Use(PolicyKind kind, IPolicy policy, GuardLimits? limits = null) =>
        new(TestPlugins.Plan(kind, policy), limits ?? s_patient, _time, Log());

    private Logger<PoliciesInUse> Log() => new(new LoggerFactory([_log]));

    private static PlacementDecision Place(PoliciesInUse use) =>
        ((IPlacementPolicy)use.Of(PolicyKinds.Placement)).Place(new ResourceRequest(1), 2, s_servers);

    private static MigrationDecision? Move(PoliciesInUse use) => ((IMigrationPolicy)use.Of(PolicyKinds.Migration)).Choose(new(
        new KernelId("k"), new(1, 0, 0, 0), [new(ReplicaId.Of(new KernelId("k"), 1), new("a"), false, true, 0, null)], [Server("a", 0)], [Server("b", 0)]));

    private static (long Count, string? Last) Faults(PoliciesInUse use)
    {
        var policy = use.View.Single(p => p.Origin == TestPlugins.File);
        return (policy.Faults, policy.LastFault);
    }

    private static PlacementServer Server(string id, int promised) => new(new ServerId(id), 4, 4, promised, 0, new ServerLoad(0, 0, 0, 0));

    private static ExecutorCandidate Candidate(int number, bool holdsState) =>
        new(ReplicaId.Of(new KernelId("k"), number), new ServerId($"s{number}"), holdsState);

    private sealed class Speechless : Exception
    {
        public override string Message => throw new InvalidOperationException();
    }
}
