using Microsoft.AspNetCore.Connections.Features;
using Notebook.Gateway.Clients;
using Notebook.Gateway.Kernels;
using Notebook.Gateway.Outputs;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Http;

/// <summary>
/// <c>/api/kernels/{id}/channels</c>: a kernel's messages over one WebSocket. It is accepted at once, whatever state
/// the kernel is in: clients give up on a handshake that waits.
/// </summary>
internal sealed class ChannelsApi(KernelHubs hubs, KeptOutputs outputs, RequestBodies bodies, GatewayOptions options, GatewayCounters counters, TimeProvider time)
{
    private static readonly TimeSpan s_pingEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pongLimit = TimeSpan.FromSeconds(90);

    public static void Map(WebApplication app) =>
        app.MapGet("/api/kernels/{id}/channels", (string id, HttpContext context, ChannelsApi api) => api.ServeAsync(new(id), context));

    private async Task<IResult> ServeAsync(KernelId id, HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest) return Errors.BadRequest("Can \"Upgrade\" only to \"WebSocket\".");
        if (await hubs.OpenAsync(id) is not { } hub) return Errors.NoSuchKernel(id.Value);

        var v1 = context.WebSockets.WebSocketRequestedProtocols.Contains(V1Framing.Subprotocol);
        if (LegacyLimits.TryFind(
            context.Request.Query[LegacyLimits.Parameter], options.LegacyMaxMessageBytes, context.Request.Headers.UserAgent,
            context.Request.Headers.ContainsKey("Origin"), out var limits) is { } fault) return bodies.Malformed(fault);
        var legacy = v1 ? null : new LegacyClient(limits, PlaceOf(id, context.Request), outputs, counters);
        using var webSocket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = v1 ? V1Framing.Subprotocol : null,
            KeepAliveInterval = s_pingEvery,
            KeepAliveTimeout = s_pongLimit,
        });
        var connection = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        ClientSocket socket;
        while (true)
        {
            socket = new ClientSocket(hub, webSocket, connection, legacy, options, counters, time);
            if (context.Request.Query["session_id"].ToString() is { Length: > 0 } session) socket.Sessions.Add(session);
            if (hub.TryJoin(socket)) break;
            hubs.Remove(hub);   // nobody had used it for minutes, and it closed just now
            if (await hubs.OpenAsync(id) is not { } again) return Results.Empty;
            hub = again;
        }

        try
        {
            await socket.RunAsync(context.RequestAborted);
        }
        finally
        {
            hub.Leave(socket);
        }

        return Results.Empty;
    }

    private static string PlaceOf(KernelId id, HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}/api/kernels/{id}/outputs";
}
