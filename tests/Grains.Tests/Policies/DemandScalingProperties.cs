using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

/// <summary>Whatever the cluster looks like: within its bounds, never both ways, never a server that is in use.</summary>
public sealed class DemandScalingProperties
{
    private const int Gpus = 8;
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(30);

    private static readonly Config s_thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(20);

    private static readonly DemandScaling s_rule = new(new DemandScalingOptions());

    private static readonly Gen<ScalingView> s_cases =
        from servers in Servers.ListOf()
        from arriving in Gen.Choose(0, 3).ListOf()
        from waiting in Gen.Choose(0, Gpus + 1).ListOf()
        from minimum in Gen.Choose(0, 6)
        from room in Gen.Choose(0, 12)
        from buffer in Gen.Choose(0, 3)
        select new ScalingView(
            s_now,
            [.. servers.Select((s, i) => s with { Server = new ServerId($"s{i}") })],
            [.. arriving.Select((failures, i) => new ArrivingServer(new ServerId($"a{i}"), s_now, failures))],
            [.. waiting.Select(gpus => new ResourceAmounts(gpus, 0, 0, 0))],
            minimum, minimum + room, buffer, Gpus, s_settling);

    private static Gen<ScalingServer> Servers =>
        from committed in Gen.Choose(0, 2 * Gpus)
        from replicas in Gen.Choose(0, 3)
        from flags in Gen.Choose(0, 15)
        from age in Gen.Choose(0, 120)
        select new ScalingServer(
            default, Gpus, Math.Max(0, committed - Gpus), replicas, replicas,
            (flags & 1) != 0 && (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0, s_now - TimeSpan.FromSeconds(age));

    [Fact]
    public void A_decision_keeps_to_its_bounds() => Check(view =>
    {
        var decision = s_rule.Decide(view);
        var there = view.Servers.Count(s => !s.IsDraining) + view.OnTheirWay.Length;
        Assert.True(decision.Add >= 0);
        Assert.True(decision.Add == 0 || decision.Remove.IsEmpty, "adds and removes at once");
        Assert.True(decision.Add == 0 || there + decision.Add <= view.Maximum, "more than the maximum");
        Assert.True(there + decision.Add >= view.Minimum, "fewer than the minimum");
        Assert.True(decision.Remove.IsEmpty || there - decision.Remove.Length >= view.Minimum, "fewer than the minimum are left");
    });

    [Fact]
    public void Only_what_is_idle_ours_and_drainable_or_fails_to_come_is_removed_and_at_most_two() => Check(view =>
    {
        var removed = s_rule.Decide(view).Remove;
        Assert.True(removed.Length <= 2);
        Assert.Equal(removed.Length, removed.Distinct().Count());
        foreach (var id in removed)
        {
            var server = view.Servers.FirstOrDefault(s => s.Server == id);
            if (server is null) Assert.Contains(view.OnTheirWay, a => a.Server == id && a.Failures > 0);
            else Assert.True(server is { IsOurs: true, CanBeDrained: true, IsDraining: false, CommittedGpus: 0 });
        }
    });

    [Fact]
    public void What_was_added_is_not_removed_again_and_nothing_more_is_asked_for() => Check(view =>
    {
        var decision = s_rule.Decide(view);
        var come = view with { OnTheirWay = [.. view.OnTheirWay, .. Enumerable.Range(0, decision.Add).Select(i => new ArrivingServer(new ServerId($"new{i}"), s_now, 0))] };
        var next = s_rule.Decide(come);
        Assert.Equal(0, next.Add);
        if (decision.Add > 0) Assert.Empty(next.Remove);
    });

    [Fact]
    public void The_queue_gets_the_servers_that_it_needs_as_far_as_the_maximum_goes() => Check(view =>
    {
        var decision = s_rule.Decide(view);
        var waiting = view.Waiting.Where(w => w.Gpus <= Gpus).Sum(w => w.Gpus);
        var fresh = view.Servers.Where(s => !s.IsDraining && s_now - s.UpSince < s_settling).Sum(s => Gpus - s.CommittedGpus);
        var coming = view.OnTheirWay.Count(s => !decision.Remove.Contains(s.Server)) + decision.Add;
        var full = view.Servers.Count(s => !s.IsDraining) + view.OnTheirWay.Length + decision.Add >= view.Maximum;
        Assert.True(full || fresh + (coming * Gpus) >= waiting, $"{waiting} GPUs wait, {fresh} are free at fresh servers, {coming} servers come");
    });

    private static void Check(Action<ScalingView> property) => FsCheck.Check.One(s_thorough, Prop.ForAll(s_cases.ToArbitrary(), view =>
    {
        property(view);
        return true;
    }));
}
