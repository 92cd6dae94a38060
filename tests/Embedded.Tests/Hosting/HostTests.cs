using Microsoft.Extensions.DependencyInjection;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Tests.Contract;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Hosting;

/// <summary>What only our host promises, or only a clock of our own can show.</summary>
public sealed class HostTests(HostTests.SmallQueues host) : IClassFixture<HostTests.SmallQueues>
{
    [Fact]
    public async Task Calls_beyond_the_queue_are_refused_by_type()
    {
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("hold");
        var held = grain.Hold(name);
        await Signals.Raised($"entered:{name}").Within("the call");
        var waiting = Enumerable.Range(0, 100).Select(i => grain.Echo($"{i}")).ToArray();
        var refusal = await Assert.ThrowsAsync<LimitExceededException>(() => grain.Echo("one too many").Within("the refusal"));
        Assert.Contains("100 calls waiting", refusal.Message, StringComparison.Ordinal);
        Signals.Raise($"go:{name}");
        await held;
        await Task.WhenAll(waiting).Within("those that waited");
    }

    [Fact]
    public async Task Idle_grains_end_and_used_ones_do_not()
    {
        var (idle, used) = (host.Grain<IProbeGrain>(), host.Grain<IProbeGrain>());
        var before = await used.Activation();
        await idle.Echo("once");
        for (var i = 0; i < 20; i++)
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(before, await used.Activation());
        }

        // A call counts as use until it has ended, which its caller may learn before the host has noted it: so time goes on.
        var ended = Signals.Raised($"deactivated:{idle.GetPrimaryKeyString()}:{DeactivationReasonCode.ActivationIdle}");
        await host.PassUntilAsync(ended, TimeSpan.FromMinutes(1), "the idle one's end");
    }

    [Fact]
    public async Task Timed_out_calls_that_still_wait_are_dropped()
    {
        var grain = host.Grain<IProbeGrain>();
        var (first, second) = (host.Fresh("first"), host.Fresh("second"));
        var held = grain.Hold(first);
        await Signals.Raised($"entered:{first}").Within("the call");
        var waiting = grain.HoldShortly(second);
        await Assert.ThrowsAsync<TimeoutException>(() => host.PassUntilAsync(waiting, TimeSpan.FromMilliseconds(200), "the timeout"));   // long before that of the call that is held
        Signals.Raise($"go:{first}");
        await held;
        await grain.Echo("after them");
        Assert.False(Signals.HasBeenRaised($"entered:{second}"));
    }

    [Fact]
    public async Task A_call_takes_as_long_as_the_default_allows()
    {
        var grain = host.Grain<IProbeGrain>();
        var name = host.Fresh("hold");
        var call = grain.Hold(name);
        await Signals.Raised($"entered:{name}").Within("the call");
        host.Time.Advance(TimeSpan.FromSeconds(29));
        await grain.HoldAsideAndGo(host.Fresh("aside"));
        Assert.False(call.IsCompleted);
        host.Time.Advance(TimeSpan.FromSeconds(2));
        var timeout = await Assert.ThrowsAsync<TimeoutException>(() => call.Within("the timeout"));
        Assert.Contains("tests.IProbeGrain.Hold", timeout.Message, StringComparison.Ordinal);
        Signals.Raise($"go:{name}");
    }

    [Fact]
    public async Task Answered_calls_leave_nothing_behind()
    {
        var grain = host.Grain<IProbeGrain>();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => grain.Echo($"{i}")));
        var before = host.Time.ArmedTimers;
        for (var i = 0; i < 1000; i++) await grain.Echo("x");
        Assert.Equal(before, host.Time.ArmedTimers);
    }

    [Fact]
    public void Kinds_follow_Orleans_names()
    {
        var classes = host.Services.GetRequiredService<GrainHost>().Classes;
        Assert.Equal("probe", classes.TypeOf(typeof(IProbeGrain), null).ToString());
        Assert.Throws<ArgumentException>(() => classes.TypeOf(typeof(IMutableGrain<int>), null));
    }

    [Fact]
    public void Integer_and_guid_keys_are_written_as_Orleans_writes_them()
    {
        var guid = Guid.NewGuid();
        Assert.Equal("2A", GrainIdKeyExtensions.CreateIntegerKey(42).ToString());
        Assert.Equal(42, new GrainId(GrainType.Create("x"), GrainIdKeyExtensions.CreateIntegerKey(42, "ext")).GetIntegerKey(out var extension));
        Assert.Equal("ext", extension);
        Assert.Equal(-1, new GrainId(GrainType.Create("x"), GrainIdKeyExtensions.CreateIntegerKey(-1)).GetIntegerKey());
        Assert.Equal(guid, new GrainId(GrainType.Create("x"), GrainIdKeyExtensions.CreateGuidKey(guid)).GetGuidKey());
    }

    public sealed class SmallQueues : HostFixture
    {
        protected override void Configure(GrainHostOptions options) => options.MaxQueuedCallsPerGrain = 100;
    }
}
