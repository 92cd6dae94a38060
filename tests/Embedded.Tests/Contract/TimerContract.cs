using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;

namespace Notebook.Embedded.Tests.Contract;

public abstract class TimerContract(GrainHostFixture host)
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Ticks_never_overlap_and_wait_for_calls()
    {
        var grain = host.Grain<ITimerGrain>();
        var key = grain.GetPrimaryKeyString();
        await grain.Start(Step, Step, interleave: false);
        await host.PassUntilAsync(Signals.Raised($"tick:{key}:1"), Step, "the first tick");
        var call = grain.Ping();
        await host.PassAsync(Step * 3);
        Assert.False(call.IsCompleted);
        Assert.False(Signals.HasBeenRaised($"tick:{key}:2"));
        Signals.Raise($"go:{key}:1");
        await call.Within("the call after the tick");
        await host.PassUntilAsync(Signals.Raised($"tick:{key}:2"), Step, "the second tick");
        Signals.Raise($"go:{key}:2");
        await Signals.Raised($"ticked:{key}:2").Within("its end");
        await grain.Stop();
    }

    [Fact]
    public async Task An_interleaving_timer_leaves_room_for_calls()
    {
        var grain = host.Grain<ITimerGrain>();
        var key = grain.GetPrimaryKeyString();
        await grain.Start(Step, Timeout.InfiniteTimeSpan, interleave: true);
        await host.PassUntilAsync(Signals.Raised($"tick:{key}:1"), Step, "the tick");
        await grain.Ping().Within("a call during the tick");
        Signals.Raise($"go:{key}:1");
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more_and_a_changed_one_when_it_says()
    {
        var grain = host.Grain<ITimerGrain>();
        var key = grain.GetPrimaryKeyString();
        Signals.Raise($"go:{key}:1");
        Signals.Raise($"go:{key}:2");
        await grain.Start(TimeSpan.FromHours(1), TimeSpan.FromHours(1), interleave: false);
        await grain.Change(Step, TimeSpan.FromHours(1));
        await host.PassUntilAsync(Signals.Raised($"ticked:{key}:1"), Step, "the tick after the change");
        await grain.Stop();
        await host.PassAsync(Step * 3);
        await grain.Ping();
        Assert.False(Signals.HasBeenRaised($"tick:{key}:2"));
    }
}
