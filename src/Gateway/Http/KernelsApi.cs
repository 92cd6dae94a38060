using Notebook.Gateway.Cluster;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Http;

/// <summary><c>/api/kernels</c>: start, list, look at, change, interrupt, restart and end kernels.</summary>
internal sealed class KernelsApi(ControlPlane control, KernelHubs hubs, RequestBodies bodies, TimeProvider time)
{
    private static readonly TimeSpan s_restartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_restartCheck = TimeSpan.FromMilliseconds(50);

    public static void Map(WebApplication app)
    {
        var kernels = app.MapGroup("/api/kernels");
        kernels.MapGet("", (KernelsApi api) => api.ListAsync());
        kernels.MapPost("", (HttpRequest request, KernelsApi api) => api.StartAsync(request));
        kernels.MapGet("{id}", (string id, KernelsApi api) => api.ViewAsync(new(id)));
        kernels.MapPatch("{id}", (string id, HttpRequest request, KernelsApi api) => api.KeepAsync(new(id), request));
        kernels.MapDelete("{id}", (string id, KernelsApi api) => api.EndAsync(new(id)));
        kernels.MapPost("{id}/interrupt", (string id, KernelsApi api) => api.InterruptAsync(new(id)));
        kernels.MapPost("{id}/restart", (string id, KernelsApi api) => api.RestartAsync(new(id)));
    }

    private async Task<IResult> ListAsync()
    {
        var views = await control.CallAsync(g => g.Cluster.Kernels());
        return Results.Json(views.Select(Model));
    }

    private async Task<IResult> StartAsync(HttpRequest request)
    {
        if (await RequestBodies.ReadAsync(request) is not { } body) return bodies.TooLarge();
        if (StartRequests.TryRead(body, out var asked) is { } fault) return bodies.Malformed(fault);
        var outcome = await control.CallAsync(g => g.Cluster.StartKernel(asked!));
        if (outcome is not StartKernelOutcome.Started { View: var view }) return Errors.NotStarted(asked!.SpecName, outcome);
        request.HttpContext.Response.Headers.Location = $"{request.PathBase}/api/kernels/{view.Kernel}";
        return Results.Json(Model(view), statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> ViewAsync(KernelId id)
    {
        KernelView? view;
        try
        {
            view = await control.CallAsync(g => g.Kernel(id).View());
        }
        catch (ControlPlaneUnavailableException) when (hubs.Find(id) is { } hub)
        {
            view = hub.View;   // it runs on while the silo restarts, and its clients need not notice
        }

        return view is null or { State: KernelState.Dead } ? Errors.NoSuchKernel(id.Value) : Results.Json(Model(view));
    }

    /// <summary>How a running kernel's state is kept: ours alone, Jupyter has no such request.</summary>
    private async Task<IResult> KeepAsync(KernelId id, HttpRequest request)
    {
        if (await RequestBodies.ReadAsync(request) is not { } body) return bodies.TooLarge();
        if (JsonBodies.TryRead<KeepingRequest>(body, KeepingRequests.TryRead, out var keeping) is { } fault) return bodies.Malformed(fault);
        if (await control.CallAsync(g => g.Kernel(id).Keep(keeping!)) is not { } view) return Errors.NoSuchKernel(id.Value);
        return view.Definition.IsForeign
            ? bodies.Malformed($"a kernel of the kernelspec '{view.Definition.SpecName}' has one process, and its variables nowhere else: durability and standby are not for it")
            : Results.Json(Model(view));
    }

    private async Task<IResult> EndAsync(KernelId id)
    {
        if (!await control.CallAsync(g => g.Kernel(id).Shutdown())) return Errors.NoSuchKernel(id.Value);
        hubs.Find(id)?.Gone();
        return Results.NoContent();
    }

    private async Task<IResult> InterruptAsync(KernelId id) =>
        await control.CallAsync(g => g.Kernel(id).Interrupt()) ? Results.NoContent() : Errors.NoSuchKernel(id.Value);

    // Jupyter's clients expect a kernel that is up again, so this waits for it.
    private async Task<IResult> RestartAsync(KernelId id)
    {
        hubs.Find(id)?.RestartAsked();
        var since = time.GetTimestamp();
        for (var view = await control.CallAsync(g => g.Kernel(id).Restart()); ; view = await control.CallAsync(g => g.Kernel(id).View()))
        {
            if (view is null) return Errors.NoSuchKernel(id.Value);
            if (view.State == KernelState.Dead || time.GetElapsedTime(since) > s_restartLimit)
                return Errors.Json(StatusCodes.Status500InternalServerError, $"Exception restarting kernel: {view.Reason ?? "it did not come up"}", "Restart");
            if (view.State != KernelState.Starting) return Results.Json(Model(view));
            await Task.Delay(s_restartCheck, time);
        }
    }

    private KernelModel Model(KernelView view) => KernelModel.Of(view, hubs.ConnectionsOf(view));
}
