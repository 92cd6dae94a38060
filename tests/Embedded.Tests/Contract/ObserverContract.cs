using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;

namespace Notebook.Embedded.Tests.Contract;

public abstract class ObserverContract(GrainHostFixture host)
{
    [Fact]
    public async Task Observers_hear_what_grains_tell_in_order()
    {
        var (grain, listener) = (host.Grain<IObservedGrain>(), new Listener());
        var reference = host.Client.CreateObjectReference<IProbeObserver>(listener);
        await grain.Subscribe(reference);
        await grain.Subscribe(reference);
        Assert.Equal(1, await grain.Count());
        for (var i = 0; i < 20; i++) await grain.Publish($"{i}");
        for (var i = 0; i < 20; i++) Assert.Equal($"{i}", await listener.Next().Within($"notification {i}"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Observers_can_answer()
    {
        var (grain, listener) = (host.Grain<IObservedGrain>(), new Listener());
        await grain.Subscribe(host.Client.CreateObjectReference<IProbeObserver>(listener));
        Assert.Equal("you asked the time", await grain.Ask("the time").Within("the answer"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Calls_to_a_deleted_observer_fail()
    {
        var (grain, listener) = (host.Grain<IObservedGrain>(), new Listener());
        var reference = host.Client.CreateObjectReference<IProbeObserver>(listener);
        await grain.Subscribe(reference);
        host.Client.DeleteObjectReference<IProbeObserver>(reference);
        var call = grain.Ask("anyone there");
        await Assert.ThrowsAnyAsync<Exception>(() => host.PassUntilAsync(call, TimeSpan.FromSeconds(2), "the failure"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task An_observer_object_is_not_an_argument() =>
        await Assert.ThrowsAnyAsync<Exception>(() => host.Grain<IObservedGrain>().Subscribe(new Listener()));
}
