using Microsoft.Extensions.Logging;
using Notebook.Embedded.Hosting;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>
/// The grains of a silo in another process. It dials by itself, again and again. While there is no connection, calls
/// wait for one, as long as their time to answer allows; calls in flight when it breaks fail with
/// <see cref="SiloUnavailableException"/>, because nobody can tell whether they were carried out. Observers keep their
/// references over connections, but a silo that has restarted does not know of them: subscribe again when
/// <see cref="StateChanged"/> says that it is connected.
/// </summary>
public sealed class GrainClient : IAsyncDisposable
{
    private readonly GrainClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly CallTimeouts _timeouts;
    private readonly ClientGrainFactory _grains;
    private readonly CallQueue _waiting;
    private readonly WireSide _side;
    private Task _running = Task.CompletedTask;
    private int _disposed;

    /// <summary>Makes a client; <see cref="Start"/> sets it going.</summary>
    public GrainClient(
        GrainClientOptions options, IServiceProvider services, TimeProvider time, ILogger<GrainClient> log,
        IEnumerable<IOutgoingGrainCallFilter> filters)
    {
        (_options, _time, _log) = (options, time, log);
        _timeouts = new(time);
        _waiting = new(options.MaxOutstandingCalls);
        var sender = new CallSender(_timeouts, options.ResponseTimeout, [.. filters], Deliver);
        _grains = new(sender, services, new($"client-{Guid.NewGuid():N}", options.MaxOutstandingCalls, new ThreadPoolTurnScheduler(), log));
        _side = new(
            new(_grains, _grains.Interfaces.Find), new(_grains.Interfaces), _grains.Interfaces.Find, _grains.Receive,
            call => new SiloUnavailableException($"{call}: the connection to the silo broke; it may have been carried out or not"),
            options.MaxOutstandingCalls, log);
    }

    /// <summary>Raised on every change of <see cref="State"/>, in order. Handlers must not block; what they throw is logged.</summary>
    public event Action<GrainClientState>? StateChanged;

    /// <summary>Whether calls go through.</summary>
    public GrainClientState State { get; private set; }

    /// <summary>References to the grains.</summary>
    public IClusterClient Grains => _grains;

    /// <summary>Sets the client going.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Closes the connection; calls that wait or are in flight fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        await _stop.CancelAsync();
        await _running;
        Become(GrainClientState.Closed);
        _waiting.Close(call => new SiloUnavailableException($"{call}: the grain client was closed"));
        _timeouts.Dispose();
        _stop.Dispose();
    }

    private void Deliver(GrainCall call)
    {
        if (_grains.TryDeliverHere(call)) return;

        // A one-way call's caller has gone on; without a limit of its own it would wait here for ever.
        if (_waiting.SendOrKeep(call) && call.Method.OneWay) _timeouts.Watch(call, _options.ResponseTimeout);
    }

    private async Task RunAsync()
    {
        var delay = _options.FirstRedialDelay;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var transport = await _options.Dial(_stop.Token);
                await ServeAsync(transport, () => delay = _options.FirstRedialDelay);
                _log.LogInformation("the silo closed the connection");
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever keeps the silo away, the answer is the same: dial again.
                _log.LogWarning("no connection to the silo: {Error}", error.Message);
            }

            Become(GrainClientState.Disconnected);
            await Task.Delay(delay, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < _options.LastRedialDelay ? delay * 2 : _options.LastRedialDelay;
        }
    }

    private async Task ServeAsync(IGrainTransport transport, Action connected)
    {
        using var limit = new CancellationTokenSource(_options.ResponseTimeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token);
        await using var incoming = transport.ReceiveAsync(end.Token).GetAsyncEnumerator(end.Token);
        var hello = new FrameWriter(FrameKind.Hello).Number(GrainEndpoint.ProtocolVersion).Text(_grains.Observed.Client);
        if (!transport.TrySend(hello.Message) || !await incoming.MoveNextAsync()) throw new IOException("the silo closed the connection before it said welcome");
        CheckWelcome(incoming.Current.Span);
        limit.CancelAfter(Timeout.InfiniteTimeSpan);
        connected();

        var wire = new GrainWire(transport, _side);
        Func<GrainCall, bool> send = wire.TrySend;
        var running = wire.RunAsync(incoming, end);
        _waiting.Open(send);
        Become(GrainClientState.Connected);
        try
        {
            await running;
        }
        finally
        {
            _waiting.Shut(send);
        }
    }

    private static void CheckWelcome(ReadOnlySpan<byte> message)
    {
        var frame = new FrameReader(message);
        var kind = (FrameKind)frame.Byte();
        var version = frame.Number();
        if (kind != FrameKind.Welcome || version != GrainEndpoint.ProtocolVersion)
        {
            throw new GrainProtocolException(
                $"the silo must answer hello with welcome, version {GrainEndpoint.ProtocolVersion}; it answered {kind}, version {version}: run the same version on both sides");
        }
    }

    private void Become(GrainClientState state)
    {
        if (State == state) return;
        State = state;
        foreach (var handler in Delegate.EnumerateInvocationList(StateChanged))
        {
            try
            {
                handler(state);
            }
            catch (Exception error)
            {
                // It is somebody else's code, and every call needs the connection that this one keeps up.
                _log.LogError(error, "a handler of {State} failed", state);
            }
        }
    }
}
