using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;

namespace Notebook.Embedded.Tests.Contract;

public abstract class TurnContract(GrainHostFixture host)
{
    [Fact]
    public async Task Calls_to_a_grain_do_not_overlap()
    {
        var grain = host.Grain<IProbeGrain>();
        var calls = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.Overlap(20))).Within("200 calls");
        Assert.All(calls, most => Assert.Equal(1, most));
    }

    [Fact]
    public async Task Concurrent_first_calls_make_one_activation()
    {
        var key = host.Fresh("one");
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => host.Grain<IProbeGrain>(key).Activation())))
            .Within("200 first calls");
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task Awaits_come_back_to_the_grain() =>
        Assert.True(await host.Grain<IProbeGrain>().StaysOnItsTurn().Within("the call"));

    [Fact]
    public async Task A_second_call_waits_for_the_first()
    {
        var grain = host.Grain<IProbeGrain>();
        var (first, second) = (host.Fresh("first"), host.Fresh("second"));
        var held = grain.Hold(first);
        await Signals.Raised($"entered:{first}").Within("the first call");
        var waiting = grain.Hold(second);
        await grain.HoldAsideAndGo(host.Fresh("aside"));
        Assert.False(Signals.HasBeenRaised($"entered:{second}"));
        Signals.Raise($"go:{first}");
        Signals.Raise($"go:{second}");
        Assert.Equal(first, await held.Within("the first answer"));
        Assert.Equal(second, await waiting.Within("the second answer"));
    }

    [Fact]
    public async Task Read_only_calls_mix_with_each_other_but_not_with_others()
    {
        var grain = host.Grain<IProbeGrain>();
        var (one, two, writer) = (host.Fresh("one"), host.Fresh("two"), host.Fresh("writer"));
        var first = grain.HoldReading(one);
        await Signals.Raised($"entered:{one}").Within("the first reader");
        var second = grain.HoldReading(two);
        await Signals.Raised($"entered:{two}").Within("the second reader beside it");
        var third = grain.Hold(writer);
        Signals.Raise($"go:{one}");
        await first.Within("the first answer");
        await grain.HoldAsideAndGo(host.Fresh("aside"));
        Signals.Raise($"go:{two}");
        await second.Within("the second answer");
        await Signals.Raised($"entered:{writer}").Within("the writer after the readers");
        Signals.Raise($"go:{writer}");
        await third.Within("the writer's answer");
    }

    [Fact]
    public async Task A_reentrant_grain_takes_calls_at_every_await()
    {
        var grain = host.Grain<IReentrantGrain>();
        var (one, two) = (host.Fresh("one"), host.Fresh("two"));
        var first = grain.Hold(one);
        var second = grain.Hold(two);
        await Signals.Raised($"entered:{two}").Within("the second call while the first is held");
        Signals.Raise($"go:{two}");
        Assert.Equal(two, await second.Within("the second answer"));
        Signals.Raise($"go:{one}");
        Assert.Equal(one, await first.Within("the first answer"));
    }

    [Fact]
    public async Task A_call_chain_re_enters_where_it_is_allowed_to() =>
        Assert.Equal("called back", await host.Grain<IProbeGrain>().CallBack(host.Grain<IProbeGrain>(), reentrant: true).Within("the call"));

    [Fact]
    public async Task A_call_chain_that_comes_back_unasked_times_out()
    {
        var call = host.Grain<IProbeGrain>().CallBack(host.Grain<IProbeGrain>(), reentrant: false);
        await Assert.ThrowsAsync<TimeoutException>(() => host.PassUntilAsync(call, TimeSpan.FromSeconds(1), "the timeout"));
    }
}
