using Notebook.Gateway.Doors;
using Notebook.JupyterWire;

namespace Notebook.Gateway.Http;

/// <summary>
/// <c>/api/kernels/{id}/connect</c>: a kernel's five ZMQ sockets at this gateway. The answer is what an ordinary Jupyter
/// connection file says. Ours alone: Jupyter's servers leave their kernels' ports to themselves.
/// </summary>
internal sealed class ConnectApi(ZmqDoors doors, RequestBodies bodies)
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/api/kernels/{id}/connect", (string id, HttpRequest request, ConnectApi api) => api.OpenAsync(new(id), request));
        app.MapGet("/api/kernels/{id}/connect", (string id, ConnectApi api) => api.View(new(id)));
        app.MapDelete("/api/kernels/{id}/connect", (string id, ConnectApi api) => api.CloseAsync(new(id)));
    }

    private async Task<IResult> OpenAsync(KernelId id, HttpRequest request)
    {
        if (await RequestBodies.ReadAsync(request) is not { } body) return bodies.TooLarge();
        if (FormerConnections.TryRead(body.Span, out var former) is { } fault) return bodies.Malformed(fault);
        return await doors.OpenAsync(id, former) switch
        {
            DoorOutcome.Open { Connection: var connection } => Json(connection),
            DoorOutcome.Refused { Reason: var reason } => Errors.Json(StatusCodes.Status403Forbidden, reason, "Refused"),
            _ => Errors.NoSuchKernel(id.Value),
        };
    }

    private IResult View(KernelId id) => doors.Find(id) is { } connection ? Json(connection) : NoPorts(id);

    private async Task<IResult> CloseAsync(KernelId id) => await doors.CloseAsync(id) ? Results.NoContent() : NoPorts(id);

    private static IResult NoPorts(KernelId id) => Errors.NotFound($"Kernel {id} has no ZMQ ports at this gateway: POST here opens them");

    private static IResult Json(KernelConnection connection) => Results.Text(connection.ToJson(), "application/json");
}
