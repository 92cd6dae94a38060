namespace Notebook.Gateway.Http;

/// <summary>
/// Lets web pages of the allowed origins call, answers their preflight questions, and refuses WebSockets of all others: for those
/// browsers do not ask before.
/// </summary>
internal static class Cors
{
    public static void UseOrigins(this WebApplication app, Origins origins, GatewayCounters counters) => app.Use(next => async context =>
    {
        var origin = context.Request.Headers.Origin.ToString();
        var headers = context.Response.Headers;
        if (origins.Varies) headers.Vary = "Origin";
        if (origins.HeaderFor(origin) is { } allowed)
        {
            headers.AccessControlAllowOrigin = allowed;
            headers.AccessControlAllowMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, X-XSRFToken";
            headers.AccessControlExposeHeaders = "Location";
        }

        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (context.WebSockets.IsWebSocketRequest && !origins.MayConnect(origin, context.Request.Host.Value ?? ""))
        {
            counters.Add(GatewayCounters.ForeignOrigins);
            await Errors.Json(
                StatusCodes.Status403Forbidden,
                $"Cross origin websockets not allowed: this page is of {origin}, this gateway is at {context.Request.Host}. Its operator can allow it with --allow-origin.",
                "Forbidden").ExecuteAsync(context);
            return;
        }

        await next(context);
    });
}
