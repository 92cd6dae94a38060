using Notebook.Embedded.Client;
using Notebook.Embedded.Tests.Contract;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Client;

public sealed class ReconnectTests : IAsyncLifetime
{
    private readonly RemoteFixture _host = new();

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Calls_in_flight_fail_when_the_connection_breaks_and_the_next_ones_wait_for_a_new_one()
    {
        var grain = _host.Grain<IProbeGrain>();
        var name = _host.Fresh("hold");
        var held = grain.Hold(name);
        await Signals.Raised($"entered:{name}").Within("the call");
        _host.DialGate = new();
        _host.Break();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.Within("the failure"));

        var waiting = grain.HoldAside(name);
        Signals.Raise($"go:{name}");
        _host.DialGate.SetResult();
        await _host.ConnectedAsync();
        Assert.Equal(name, await waiting.Within("the answer over the next connection"));
    }

    [Fact]
    public async Task Calls_that_wait_for_a_connection_time_out()
    {
        var grain = _host.Grain<IProbeGrain>();
        await grain.Echo("connected");
        _host.DialGate = new();
        var lost = new TaskCompletionSource();
        _host.Remote.StateChanged += state => lost.TrySetResult();
        _host.Break();
        await lost.Task.Within("the loss");
        var call = grain.Echo("nobody there");
        await Assert.ThrowsAsync<TimeoutException>(() => _host.PassUntilAsync(call, TimeSpan.FromSeconds(5), "the timeout"));
        _host.DialGate.SetResult();
    }

    [Fact]
    public async Task Observers_are_reached_over_the_next_connection()
    {
        var (grain, listener) = (_host.Grain<IObservedGrain>(), new Listener());
        await grain.Subscribe(_host.Client.CreateObjectReference<IProbeObserver>(listener));
        await _host.BreakAndReconnectAsync();
        await grain.Publish("still there?").Within("the call");
        Assert.Equal("still there?", await listener.Next().Within("the notification"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Calls_to_the_observers_of_a_client_that_left_fail()
    {
        var (grain, listener) = (_host.Grain<IObservedGrain>(), new Listener());
        var other = _host.NewClient();
        other.Start();
        await grain.Subscribe(other.Grains.CreateObjectReference<IProbeObserver>(listener));
        Assert.Equal("you asked it", await grain.Ask("it").Within("the answer"));
        await other.DisposeAsync();
        await Waiting.Until(() => _host.Host.Log.Lines.Any(l => l.Contains("disconnected", StringComparison.Ordinal)), "the silo's notice");
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => grain.Ask("again").Within("the failure"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Outstanding_calls_are_bounded()
    {
        var grain = _host.Grain<IProbeGrain>();
        var name = _host.Fresh("hold");
        var calls = Enumerable.Range(0, 1001).Select(_ => grain.HoldAside(name)).ToArray();
        var refused = await Task.WhenAny(calls).Within("a refusal");
        await Assert.ThrowsAsync<LimitExceededException>(() => refused);
        Signals.Raise($"go:{name}");
        await Assert.ThrowsAsync<LimitExceededException>(() => Task.WhenAll(calls).Within("all answers"));
        Assert.Equal(1000, calls.Count(c => c.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_handler_that_throws_keeps_neither_other_handlers_from_the_news_nor_the_client_from_its_silo()
    {
        var grain = _host.Grain<IProbeGrain>();
        await grain.Echo("connected");
        _host.Remote.StateChanged += _ => throw new InvalidOperationException("the test says so");
        await _host.BreakAndReconnectAsync();   // hears of it by a handler that comes after
        Assert.Equal("again", await grain.Echo("again").Within("the answer"));
    }

    [Fact]
    public async Task A_silo_that_takes_the_connection_and_says_nothing_is_left_for_another_connection()
    {
        var (ours, silent) = InMemoryGrainTransport.CreatePair();
        var dials = 0;
        await using var client = _host.NewClient(
            (dial, cancellation) => Interlocked.Increment(ref dials) == 1 ? Task.FromResult<IGrainTransport>(ours) : dial(cancellation));
        client.Start();
        await using var incoming = silent.ReceiveAsync(default).GetAsyncEnumerator();
        await incoming.MoveNextAsync().AsTask().Within("hello");
        await _host.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("x", await client.Grains.GetGrain<IProbeGrain>(_host.Fresh("x")).Echo("x").Within("the answer over the next connection"));
    }

    [Fact]
    public async Task A_failure_that_cannot_be_read_fails_its_call_at_once()
    {
        var (ours, silo) = InMemoryGrainTransport.CreatePair();
        await using var client = _host.NewClient((_, _) => Task.FromResult<IGrainTransport>(ours));
        client.Start();
        var call = client.Grains.GetGrain<IProbeGrain>("x").Echo("x");
        await using var incoming = silo.ReceiveAsync(default).GetAsyncEnumerator();
        await incoming.MoveNextAsync().AsTask().Within("hello");
        Assert.True(silo.TrySend(new FrameWriter(FrameKind.Welcome).Number(GrainEndpoint.ProtocolVersion).Message));
        await incoming.MoveNextAsync().AsTask().Within("the call");
        Assert.True(silo.TrySend(new FrameWriter(FrameKind.Failure).Number(1).Message));   // without its reason
        var failure = await Assert.ThrowsAsync<OrleansException>(() => call.Within("the failure"));
        Assert.Contains("why cannot be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_client_says_so()
    {
        var client = _host.NewClient();
        client.Start();
        await client.DisposeAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => client.Grains.GetGrain<IProbeGrain>("x").Echo("x").Within("the failure"));
    }
}
