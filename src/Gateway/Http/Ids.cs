using System.Text.RegularExpressions;

namespace Notebook.Gateway.Http;

/// <summary>Ids in paths, as Jupyter's servers take them. Others name nothing, and no grain is asked for them.</summary>
internal static partial class Ids
{
    private const int Longest = 64;

    /// <summary>Whether a text may be the id of a kernel or a session.</summary>
    public static bool IsOne(string text) => text.Length <= Longest && Pattern().IsMatch(text);

    public static void UseIds(this WebApplication app) => app.Use(next => context =>
        context.Request.RouteValues.GetValueOrDefault("id") is not string id || IsOne(id)
            ? next(context)
            : (context.Request.Path.StartsWithSegments("/api/sessions") ? Errors.NoSuchSession(id) : Errors.NoSuchKernel(id)).ExecuteAsync(context));

    [GeneratedRegex(@"\A[A-Za-z0-9_]+(-[A-Za-z0-9_]+){4}\z")]
    private static partial Regex Pattern();
}
