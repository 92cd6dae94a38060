using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Notebook.Links;

/// <summary>What a listener needs to accept links.</summary>
/// <param name="Self">Who it is.</param>
/// <param name="Key">The cluster key.</param>
/// <param name="Time">For the handshake's time limit.</param>
/// <param name="Services">By <see cref="LinkPurpose"/>, what to do with a link; the link is closed when the task ends.</param>
public sealed record LinkServices(
    PeerIdentity Self,
    ClusterKey Key,
    TimeProvider Time,
    IReadOnlyDictionary<string, Func<Link, CancellationToken, Task>> Services)
{
    /// <summary>
    /// Says why a dialler with the right key gets no link for a purpose all the same, in words for the operator, or null
    /// when it does.
    /// </summary>
    public Func<PeerIdentity, string, string?> FaultOf { get; init; } = (_, _) => null;
}

/// <summary>Accepts links on <c>/link</c> of an ASP.NET Core application.</summary>
public static partial class LinkListener
{
    internal const string Path = "/link";
    internal static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(2);
    internal static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(8);

    /// <summary>Adds the endpoint. The application must call <c>UseWebSockets</c> first.</summary>
    public static IEndpointConventionBuilder MapLinks(this IEndpointRouteBuilder routes, LinkServices services)
    {
        var log = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Notebook.Links");
        var lifetime = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        return routes.MapGet(Path, context => AcceptAsync(context, services, log, lifetime.ApplicationStopping));
    }

    private static async Task AcceptAsync(HttpContext context, LinkServices services, ILogger log, CancellationToken stopping)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("this address is for the platform's own processes: connect by WebSocket\n", stopping);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = KeepAliveInterval,
            KeepAliveTimeout = KeepAliveTimeout,
        });
        var from = context.Connection.RemoteIpAddress;
        try
        {
            using var limit = new CancellationTokenSource(Handshake.TimeLimit, services.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
            var (peer, purpose) = await Handshake.AcceptAsync(socket, services, both.Token);
            await using var link = new Link(socket, peer, purpose);
            using var stop = stopping.Register(() => link.Break("this process is stopping"));
            LogOpened(log, peer, purpose);
            await services.Services[purpose](link, stopping);
            link.Break("served");
            LogClosed(log, peer, purpose, await link.Closed);
        }
        catch (Exception e) when (e is LinkException or System.Net.WebSockets.WebSocketException or IOException or OperationCanceledException)
        {
            LogRefused(log, from, e.Message);
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "{Peer} connected for {Purpose}")]
    private static partial void LogOpened(ILogger log, PeerIdentity peer, string purpose);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "{Peer} disconnected ({Purpose}): {Reason}")]
    private static partial void LogClosed(ILogger log, PeerIdentity peer, string purpose, string reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "No link from {From}: {Reason}")]
    private static partial void LogRefused(ILogger log, System.Net.IPAddress? from, string reason);
}
