using Notebook.Gateway.Cluster;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Http;

/// <summary>
/// <c>/api/sessions</c>: which document has which kernel. As Jupyter Server does it: a path has one session, a session that goes or
/// gets another kernel ends the one that it had, and one whose kernel is gone is gone.
/// </summary>
internal sealed class SessionsApi(ControlPlane control, KernelHubs hubs, RequestBodies bodies)
{
    public static void Map(WebApplication app)
    {
        var sessions = app.MapGroup("/api/sessions");
        sessions.MapGet("", (SessionsApi api) => api.ListAsync());
        sessions.MapPost("", (HttpRequest request, SessionsApi api) => api.OpenAsync(request));
        sessions.MapGet("{id}", (string id, SessionsApi api) => api.ViewAsync(id));
        sessions.MapPatch("{id}", (string id, HttpRequest request, SessionsApi api) => api.ChangeAsync(id, request));
        sessions.MapDelete("{id}", (string id, SessionsApi api) => api.EndAsync(id));
    }

    private async Task<IResult> ListAsync()
    {
        var sessions = await control.CallAsync(g => g.Sessions.List());   // first: the kernel of each was there before it
        var kernels = (await control.CallAsync(g => g.Cluster.Kernels())).Where(k => k.State != KernelState.Dead).ToDictionary(k => k.Kernel);
        return Results.Json(sessions.Where(s => kernels.ContainsKey(s.Kernel)).Select(s => Model(s, kernels[s.Kernel])));
    }

    private async Task<IResult> ViewAsync(string id) =>
        await FindAsync(id) is ({ } session, { } kernel) ? Results.Json(Model(session, kernel)) : Errors.NoSuchSession(id);

    private async Task<IResult> OpenAsync(HttpRequest request)
    {
        if (await RequestBodies.ReadAsync(request) is not { } body) return bodies.TooLarge();
        if (JsonBodies.TryRead<SessionRequest>(body, SessionRequests.TryRead, out var asked) is { } fault) return bodies.Malformed(fault);
        if (await WithKernelAsync(await control.CallAsync(g => g.Sessions.At(asked!.Path))) is ({ } known, { } its)) return Created(request, known, its);

        KernelView? kernel = null;
        if (asked!.Kernel is { } wanted) kernel = await KernelAsync(wanted);
        var isNew = kernel is null;
        if (kernel is null)
        {
            var outcome = await control.CallAsync(g => g.Cluster.StartKernel(asked.Start));
            if (outcome is not StartKernelOutcome.Started { View: var started }) return NotStarted(asked.Start.SpecName, outcome);
            kernel = started;
        }

        var session = new JupyterSession(Guid.NewGuid().ToString(), asked.Path, asked.Name, asked.Type, kernel.Kernel);
        var added = await control.CallAsync(g => g.Sessions.Add(session));
        if (added is AddSessionOutcome.Added) return Created(request, session, kernel);

        // Another request for this path was faster, or there are too many: a kernel that was started for this one is nobody's.
        if (isNew) await EndKernelAsync(kernel.Kernel);
        if (added is AddSessionOutcome.Refused { Reason: var reason }) return Errors.Json(StatusCodes.Status403Forbidden, reason, "Refused");
        return await WithKernelAsync(((AddSessionOutcome.Exists)added).Session) is ({ } other, { } others)
            ? Created(request, other, others)
            : Errors.Unavailable($"the session of {asked.Path} is just ending; try again");
    }

    private async Task<IResult> ChangeAsync(string id, HttpRequest request)
    {
        if (await RequestBodies.ReadAsync(request) is not { } body) return bodies.TooLarge();
        if (JsonBodies.TryRead<SessionUpdate>(body, SessionRequests.TryRead, out var asked) is { } fault) return bodies.Malformed(fault);
        if (await FindAsync(id) is not ({ } before, { } kernel)) return Errors.NoSuchSession(id);

        if (asked!.Kernel is { } wanted)
        {
            if (await KernelAsync(wanted) is not { } other) return bodies.Malformed($"No such kernel: {Errors.Shown(wanted.Value)}");
            kernel = other;
        }
        else if (asked.Start is { SpecName.Length: > 0 } start)
        {
            var outcome = await control.CallAsync(g => g.Cluster.StartKernel(SessionRequests.Placed(start, asked.Path ?? before.Path)));
            if (outcome is not StartKernelOutcome.Started { View: var started }) return NotStarted(start.SpecName, outcome);
            kernel = started;
        }

        var change = new SessionChange(asked.Path, asked.Name, asked.Type, kernel.Kernel);
        var after = await control.CallAsync(g => g.Sessions.Change(id, change));
        if (after is null)
        {
            if (kernel.Kernel != before.Kernel && asked.Kernel is null) await EndKernelAsync(kernel.Kernel);
            return Errors.NoSuchSession(id);
        }

        if (after.Kernel != before.Kernel) await EndKernelAsync(before.Kernel);
        return Results.Json(Model(after, kernel));
    }

    private async Task<IResult> EndAsync(string id)
    {
        if (await FindAsync(id) is not ({ } session, _)) return Errors.NoSuchSession(id);
        var ended = await EndKernelAsync(session.Kernel);
        await control.CallAsync(async g =>
        {
            await g.Sessions.Remove(id);
            return true;
        });
        return ended ? Results.NoContent() : Errors.Json(StatusCodes.Status410Gone, "Kernel deleted before session", "Gone");
    }

    private async Task<(JupyterSession? Session, KernelView? Kernel)> FindAsync(string id) =>
        await WithKernelAsync(await control.CallAsync(g => g.Sessions.Find(id)));

    /// <summary>A session with its kernel; nothing, and the session is forgotten, when the kernel is gone.</summary>
    private async Task<(JupyterSession? Session, KernelView? Kernel)> WithKernelAsync(JupyterSession? session)
    {
        if (session is null) return (null, null);
        if (await KernelAsync(session.Kernel) is { } kernel) return (session, kernel);
        await control.CallAsync(async g =>
        {
            await g.Sessions.KernelEnded(session.Kernel);
            return true;
        });
        return (null, null);
    }

    private async Task<KernelView?> KernelAsync(KernelId id) =>
        Ids.IsOne(id.Value) && await control.CallAsync(g => g.Kernel(id).View()) is { State: not KernelState.Dead } view ? view : null;

    private async Task<bool> EndKernelAsync(KernelId id)
    {
        var ended = await control.CallAsync(g => g.Kernel(id).Shutdown());
        hubs.Find(id)?.Gone();
        return ended;
    }

    private SessionModel Model(JupyterSession session, KernelView kernel) =>
        SessionModel.Of(session, KernelModel.Of(kernel, hubs.ConnectionsOf(kernel)));

    private IResult Created(HttpRequest request, JupyterSession session, KernelView kernel)
    {
        request.HttpContext.Response.Headers.Location = $"{request.PathBase}/api/sessions/{session.Id}";
        return Results.Json(Model(session, kernel), statusCode: StatusCodes.Status201Created);
    }

    /// <summary>As Jupyter's clients expect it of this call: 501 for a kernelspec that there is not.</summary>
    private static IResult NotStarted(string spec, StartKernelOutcome outcome) => outcome is StartKernelOutcome.NoSuchSpec { Known: var known }
        ? Results.Json(
            new
            {
                message = $"The '{Errors.Shown(spec)}' kernel is not available; there are: {string.Join(", ", known.Order())}",
                short_message = $"{Errors.Shown(spec)} not found",
                reason = "Not Implemented",
            }, statusCode: StatusCodes.Status501NotImplemented)
        : Errors.NotStarted(spec, outcome);
}
