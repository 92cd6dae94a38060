#if !ORLEANS_HOST
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Embedded.Client;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;

namespace Notebook.Embedded.Tests.Contract;

/// <summary>The embedded host, called by a client as from another process.</summary>
#pragma warning disable CA1001 // xunit disposes it by DisposeAsync.
public sealed class RemoteFixture : GrainHostFixture
{
    private readonly HostFixture _host = new();
    private readonly CancellationTokenSource _stop = new();
    private InMemoryGrainTransport? _connection;

    public GrainClient Remote { get; private set; } = null!;

    public override IClusterClient Client => Remote.Grains;

    public HostFixture Host => _host;

    /// <summary>Holds the dialler back while it is set.</summary>
    public TaskCompletionSource? DialGate { get; set; }

    public override Task PassAsync(TimeSpan time) => _host.PassAsync(time);

    public override async Task InitializeAsync()
    {
        await _host.InitializeAsync();
        Remote = NewClient();
        Remote.Start();
    }

    /// <param name="dial">Makes its connections, if not as all do; given how all do.</param>
    public GrainClient NewClient(Func<Func<CancellationToken, Task<IGrainTransport>>, CancellationToken, Task<IGrainTransport>>? dial = null) => new(
        new() { Dial = cancellation => dial?.Invoke(DialAsync, cancellation) ?? DialAsync(cancellation), MaxOutstandingCalls = 1000, FirstRedialDelay = TimeSpan.Zero, LastRedialDelay = TimeSpan.FromMilliseconds(1) },
        _host.Services, _host.Time, NullLogger<GrainClient>.Instance, [new StampingFilter()]);

    /// <summary>Breaks the newest connection.</summary>
    public void Break() => _connection!.Break();

    /// <summary>Breaks the newest connection, and waits until there is another.</summary>
    public async Task BreakAndReconnectAsync()
    {
        var lost = new TaskCompletionSource();
        Remote.StateChanged += _ => lost.TrySetResult();
        Break();
        await lost.Task.Within("the loss of the connection");
        await ConnectedAsync();
    }

    public override async Task RestartAsync()
    {
        DialGate = new();
        Break();
        await _host.RestartAsync();
        DialGate.SetResult();
        await ConnectedAsync();
    }

    /// <summary>Waits for the client to be connected; the clock goes on, for its pauses between dials.</summary>
    public Task ConnectedAsync() => Waiting.Until(
        () =>
        {
            _host.Time.Advance(TimeSpan.FromMilliseconds(1));
            return Remote.State == GrainClientState.Connected;
        },
        "the client's connection");

    public override async Task DisposeAsync()
    {
        await Remote.DisposeAsync();
        await _stop.CancelAsync();
        _stop.Dispose();
        await _host.DisposeAsync();
    }

    private async Task<IGrainTransport> DialAsync(CancellationToken cancellation)
    {
        if (DialGate is { } gate) await gate.Task.WaitAsync(cancellation);
        var (ours, theirs) = InMemoryGrainTransport.CreatePair();
        _connection = ours;
        _ = ServeAsync(_host.Services.GetRequiredService<GrainEndpoint>(), theirs);
        return ours;
    }

    private async Task ServeAsync(GrainEndpoint endpoint, IGrainTransport transport)
    {
        await using (transport)
        {
            await endpoint.ServeAsync(transport, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
#endif
