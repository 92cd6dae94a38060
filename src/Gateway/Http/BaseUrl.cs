namespace Notebook.Gateway.Http;

/// <summary>Where in its server's address space the gateway is: at <c>/</c>, or below a path that a proxy gives it.</summary>
internal static class BaseUrl
{
    /// <summary>Reads a path as users write it.</summary>
    /// <returns>The path, empty for <c>/</c>, else with a slash before and none behind; null when it is none.</returns>
    public static string? Parse(string text)
    {
        var path = text.Trim('/');
        if (path.Length == 0) return "";
        return path.Split('/').All(IsSegment) ? $"/{path}" : null;
    }

    /// <summary>Takes the path off requests; what is not below it is not here. Load balancers may ask for <c>/healthz</c> all the same.</summary>
    public static void UseBaseUrl(this WebApplication app, string path)
    {
        if (path.Length == 0) return;
        app.UsePathBase(path);
        app.Use(next => context => context.Request.PathBase.HasValue || context.Request.Path == "/healthz"
            ? next(context)
            : Errors.NotFound($"nothing is at {context.Request.Path}: this gateway is at {path}/").ExecuteAsync(context));
    }

    private static bool IsSegment(string segment) =>
        segment is not ("" or "." or "..") && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~' or '@');
}
