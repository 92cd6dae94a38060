using System.Security.Cryptography;
using System.Text;

namespace Notebook.Gateway.Http;

/// <summary>
/// Who may call: those who show the token, as <c>Authorization: token T</c> (or <c>Bearer T</c>) or <c>?token=T</c>.
/// No cookie counts, so a web page of somebody else's cannot call in a user's name.
/// </summary>
internal static class TokenAuth
{
    private static readonly string[] s_open = ["/api", "/api/", "/healthz"];

    public static void UseToken(this WebApplication app, GatewayOptions options, GatewayCounters counters)
    {
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(options.Token));
        app.Use(next => async context =>
        {
            if (HttpMethods.IsOptions(context.Request.Method) || s_open.Contains(context.Request.Path.Value))
            {
                await next(context);
                return;
            }

            var shown = Shown(context.Request);

            // Hashes have one length, so that comparing them says nothing about the token's.
            if (shown.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), expected))
            {
                await next(context);
                return;
            }

            counters.Add(GatewayCounters.Unauthorized);
            var answer = shown.Length == 0
                ? Errors.Json(StatusCodes.Status401Unauthorized, "Unauthorized: no token. Send 'Authorization: token T' or add ?token=T.", "Unauthorized")
                : Errors.Json(StatusCodes.Status403Forbidden, "Forbidden: this is not the token of this gateway.", "Forbidden");
            await answer.ExecuteAsync(context);
        });
    }

    private static string Shown(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        var space = header.IndexOf(' ');
        var scheme = space < 0 ? header : header[..space];
        var known = scheme.Equals("token", StringComparison.OrdinalIgnoreCase) || scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase);
        var value = known && space > 0 ? header[(space + 1)..].Trim() : "";
        return value.Length > 0 ? value : request.Query["token"].ToString();
    }
}
