using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;

namespace Notebook.Embedded.Tests.Contract;

public abstract class LifetimeContract(GrainHostFixture host)
{
    [Fact]
    public async Task A_grain_that_deactivates_is_activated_again_by_the_next_call()
    {
        var grain = host.Grain<IProbeGrain>();
        var before = await grain.Activation();
        await grain.Deactivate();
        await Signals.Raised($"deactivated:{grain.GetPrimaryKeyString()}:{DeactivationReasonCode.ApplicationRequested}").Within("OnDeactivateAsync");
        Assert.NotEqual(before, await grain.Activation().Within("the next activation"));
    }

    [Fact]
    public async Task Calls_that_wait_while_a_grain_ends_go_to_its_next_activation()
    {
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("hold");
        var held = grain.Hold(name);
        await Signals.Raised($"entered:{name}").Within("the held call");
        var ending = grain.Deactivate();
        var waiting = Enumerable.Range(0, 50).Select(i => grain.Echo($"{i}")).ToArray();
        Signals.Raise($"go:{name}");
        await held.Within("the held call's answer");
        await ending.Within("the end");
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), await Task.WhenAll(waiting).Within("the waiting calls"));
    }

    [Fact]
    public async Task A_failed_activation_is_its_callers_exception_and_the_next_call_tries_again()
    {
        var grain = host.Grain<IFragileGrain>();
        Assert.Equal("not yet", (await Assert.ThrowsAsync<ProbeFailedException>(() => grain.Echo("x").Within("the failure"))).Message);
        Signals.Raise($"heal:{grain.GetPrimaryKeyString()}");
        Assert.Equal("x", await grain.Echo("x").Within("the second try"));
    }
}
