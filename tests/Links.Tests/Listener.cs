using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Notebook.Links.Tests;

/// <summary>A listener on a free port that hands every link to the test, and writes down what it refused.</summary>
internal sealed class Listener : IAsyncDisposable
{
    public static readonly PeerIdentity Identity = new("silo", "listener");
    private readonly WebApplication _app;
    private readonly TaskCompletionSource<Link> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new();
    private readonly List<Link> _dialled = [];

    private Listener(WebApplication app) => _app = app;

    /// <summary>A dialler that gets no link, in spite of the right key.</summary>
    public const string Unwelcome = "stranger";

    public static string Key { get; } = ClusterKey.NewText();

    public TestLog Log { get; private init; } = new();

    public Uri Address { get; private set; } = null!;

    public static async Task<Listener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var log = new TestLog();
        builder.Logging.AddProvider(log);
        var listener = new Listener(builder.Build()) { Log = log };
        listener._app.UseWebSockets();
        listener._app.MapLinks(new LinkServices(Identity, ClusterKey.Parse(Key, "test"), TimeProvider.System,
            new Dictionary<string, Func<Link, CancellationToken, Task>> { [LinkPurpose.Agent] = listener.ServeAsync })
        {
            FaultOf = (peer, purpose) => peer.Id == Unwelcome ? $"'{peer.Id}' is unwelcome for {purpose}" : null,
        });
        await listener._app.StartAsync();
        var address = listener._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        listener.Address = new Uri(address.Replace("http", "ws", StringComparison.Ordinal));
        return listener;
    }

    public static LinkDialer Dialer(string? key = null, string id = "dialler") =>
        new(new PeerIdentity("agent", id), ClusterKey.Parse(key ?? Key, "test"), TimeProvider.System);

    /// <summary>Both ends of a link. They last as long as the listener: the garbage collector closes the socket of a link that nobody holds or reads.</summary>
    public async Task<(Link Dialled, Link Accepted)> ConnectAsync()
    {
        var dialled = await Dialer().DialAsync(Address, LinkPurpose.Agent, CancellationToken.None);
        _dialled.Add(dialled);
        return (dialled, await AcceptedAsync());
    }

    /// <summary>The accepted end of the first link, whoever dialled it.</summary>
    public Task<Link> AcceptedAsync() => _accepted.Task.Within("the listener accepted the link");

    public async ValueTask DisposeAsync()
    {
        _done.TrySetResult();
        foreach (var link in _dialled) await link.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(Link link, CancellationToken stopping)
    {
        _accepted.TrySetResult(link);
        await Task.WhenAny(_done.Task, link.Closed);
    }
}

/// <summary>Keeps log lines for the test.</summary>
internal sealed class TestLog : ILoggerProvider, ILogger
{
    private readonly System.Threading.Channels.Channel<string> _lines = System.Threading.Channels.Channel.CreateUnbounded<string>();

    public async Task<string> UntilAsync(string part)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            if (line.Contains(part, StringComparison.Ordinal)) return line;
        }

        throw new InvalidOperationException("the log ended");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite(formatter(state, exception));

    public void Dispose()
    {
    }
}
