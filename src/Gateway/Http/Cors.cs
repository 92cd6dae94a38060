namespace Notebook.Gateway.Http;

/// <summary>Lets web pages of the configured origin call; answers their preflight questions.</summary>
internal static class Cors
{
    public static void UseCorsFor(this WebApplication app, string? origin) => app.Use(next => async context =>
    {
        if (origin is not null)
        {
            var headers = context.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, X-XSRFToken";
            headers.AccessControlExposeHeaders = "Location";
            if (origin != "*") headers.Vary = "Origin";
        }

        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await next(context);
    });
}
