using System.Security.Cryptography;
using System.Text;
using Notebook.Contracts;
using Notebook.Grains.Policies.Catalog;
using Notebook.Hosting;
using Orleans;

namespace Notebook.Silo.Admin;

/// <summary>What operators and the <c>notebook</c> command ask a silo.</summary>
internal static class AdminApi
{
    private const string Scheme = "Bearer ";

    /// <summary>Reads the operators' token.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static string ReadToken(string path)
    {
        try
        {
            var token = File.ReadAllText(path).Trim();
            if (token.Length > 0) return token;
            throw new UserException($"the token file {path} is empty: write a secret of your choice into it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the token file {path}: {e.Message} Make it with 'openssl rand -hex 24', or name another with --admin-token-file.");
        }
    }

    /// <summary>Adds the routes. <c>/healthz</c> is open to all; everything else needs the token.</summary>
    public static void MapAdmin(this WebApplication app, string token)
    {
        app.MapGet("/healthz", () => TypedResults.Json(new HealthStatus("ok"), AdminJson.Default.HealthStatus));

        var admin = app.MapGroup("/admin");
        admin.AddEndpointFilter(async (context, next) => IsAllowed(context.HttpContext.Request, token)
            ? await next(context)
            : TypedResults.Json(
                new AdminError("the token is missing or wrong: send 'Authorization: Bearer TOKEN' with the token of the data directory's secrets/token"),
                AdminJson.Default.AdminError, statusCode: StatusCodes.Status401Unauthorized));
        admin.MapGet("/cluster", async (IGrainFactory grains, PoliciesInUse policies) =>
            TypedResults.Json(
                ClusterStatuses.Of(await grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).View(), policies),
                AdminJson.Default.ClusterStatus));
        admin.MapGet("/explain", async (IGrainFactory grains) => TypedResults.Json(
            await ExplainAsync(null, grains), AdminJson.Default.IReadOnlyListDecisionStatus));
        admin.MapGet("/explain/{kernel}", async (string kernel, IGrainFactory grains) => TypedResults.Json(
            await ExplainAsync(new KernelId(kernel), grains), AdminJson.Default.IReadOnlyListDecisionStatus));
        admin.MapPost("/servers/{server}/drain", (string server, IGrainFactory grains) => DrainAsync(server, drain: true, grains));
        admin.MapDelete("/servers/{server}/drain", (string server, IGrainFactory grains) => DrainAsync(server, drain: false, grains));
    }

    private static async Task<IReadOnlyList<DecisionStatus>> ExplainAsync(KernelId? kernel, IGrainFactory grains) =>
        [.. (await grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).Explain(kernel)).Select(ClusterStatuses.Of)];

    private static async Task<IResult> DrainAsync(string server, bool drain, IGrainFactory grains)
    {
        var manager = grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);
        return await manager.Drain(new ServerId(server), drain) is { } view
            ? TypedResults.Json(ClusterStatuses.Of(view), AdminJson.Default.DrainStatus)
            : TypedResults.Json(
                new AdminError($"there is no server '{server}': 'notebook status' shows which there are"),
                AdminJson.Default.AdminError, statusCode: StatusCodes.Status404NotFound);
    }

    private static bool IsAllowed(HttpRequest request, string token) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..]), Encoding.UTF8.GetBytes(token));
}
