using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Contract;

public abstract class CallContract(GrainHostFixture host)
{
    [Fact]
    public async Task Results_come_back() => Assert.Equal(6, await host.Grain<IProbeGrain>().Add([1, 2, 3]));

    [Fact]
    public async Task Exceptions_keep_their_type_and_message()
    {
        var grain = host.Grain<IProbeGrain>();
        Assert.Equal("late", (await Assert.ThrowsAsync<ProbeFailedException>(() => grain.Fail("late"))).Message);
        Assert.Equal("early", (await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailAtOnce("early"))).Message);
        Assert.Equal("on it goes", await grain.Echo("on it goes"));
    }

    [Fact]
    public async Task One_way_calls_do_not_wait()
    {
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("tell");
        await grain.Tell(name).Within("a one-way call");
        Signals.Raise($"go:{name}");
        await Signals.Raised($"told:{name}").Within("the grain's side of it");
    }

    [Fact]
    public async Task Failures_of_one_way_calls_reach_nobody()
    {
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("tell");
        await grain.TellBadly(name);
        await Signals.Raised($"told:{name}").Within("the grain's side of it");
        Assert.Equal("still here", await grain.Echo("still here"));
    }

    [Fact]
    public async Task A_call_without_an_answer_times_out()
    {
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("hold");
        var call = grain.HoldShortly(name);
        await Signals.Raised($"entered:{name}").Within("the call");
        await Assert.ThrowsAsync<TimeoutException>(() => host.PassUntilAsync(call, TimeSpan.FromSeconds(1), "the timeout"));
        Signals.Raise($"go:{name}");
        Assert.Equal("free again", await grain.Echo("free again").Within("the next call"));
    }

    [Fact]
    public async Task Cancellation_reaches_caller_and_callee()
    {
        using var cancellation = new CancellationTokenSource();
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("cancel");
        var call = grain.Cancellable(name, cancellation.Token);
        await Signals.Raised($"entered:{name}").Within("the call");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Within("the caller's end"));
        await Signals.Raised($"cancelled:{name}").Within("the callee's end");
        Assert.Equal("next", await grain.Echo("next").Within("the next call"));
    }

    [Fact]
    public async Task A_cancelled_token_prevents_the_call()
    {
        var name = host.Fresh("cancelled");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Grain<IProbeGrain>().Cancellable(name, new(canceled: true)));
        Assert.False(Signals.HasBeenRaised($"entered:{name}"));
    }

    [Fact]
    public async Task Request_context_travels_with_calls()
    {
        RequestContext.Set("who", "me");
        Assert.Equal("me", await host.Grain<IProbeGrain>().ContextValue("who"));
        Assert.Equal("me", await host.Grain<IProbeGrain>().ContextValueOf(host.Grain<IProbeGrain>(), "who"));
        RequestContext.Clear();
        Assert.Null(await host.Grain<IProbeGrain>().ContextValue("who"));
    }

    [Fact]
    public async Task Filters_see_calls_on_both_sides()
    {
        Assert.Equal("filtered", await host.Grain<IProbeGrain>().Echo("by filter"));
        Assert.Equal("stamped for ContextValue", await host.Grain<IProbeGrain>().ContextValue("stamp"));
    }

    [Fact]
    public void References_are_equal_when_they_name_the_same_grain()
    {
        var (one, same, other) = (host.Grain<IProbeGrain>("a"), host.Grain<IProbeGrain>("a"), host.Grain<IProbeGrain>("b"));
        Assert.Equal(one, same);
        Assert.NotEqual(one, other);
        Assert.Equal("a", one.GetPrimaryKeyString());
        Assert.Equal("probe/a", one.GetGrainId().ToString());
    }
}
