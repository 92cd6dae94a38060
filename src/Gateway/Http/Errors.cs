using Microsoft.AspNetCore.Diagnostics;
using Notebook.Gateway.Cluster;

namespace Notebook.Gateway.Http;

/// <summary>
/// Error answers as Jupyter's servers give them: always JSON, with a <c>message</c> for people and a <c>reason</c>.
/// What passes is 503, never another 5xx: JupyterLab takes those for the kernel's death.
/// </summary>
internal static class Errors
{
    private const int MaxShown = 200;
    private const int MaxMessage = 2000;

    private sealed record Body(string Message, string Reason);

    public static IResult Json(int status, string message, string reason) =>
        Results.Json(new Body(Shown(message, MaxMessage), reason), statusCode: status);

    public static IResult NotFound(string message) => Json(StatusCodes.Status404NotFound, message, "Not Found");

    public static IResult NoSuchKernel(string id) => NotFound($"Kernel does not exist: {Shown(id)}");

    public static IResult NoSuchSession(string id) => NotFound($"Session not found: session_id='{Shown(id)}'");

    public static IResult BadRequest(string message) => Json(StatusCodes.Status400BadRequest, message, "Bad Request");

    public static IResult Unavailable(string message) => Json(StatusCodes.Status503ServiceUnavailable, message, "Service Unavailable");

    /// <summary>Why a kernel does not start.</summary>
    public static IResult NotStarted(string spec, StartKernelOutcome outcome) => outcome switch
    {
        StartKernelOutcome.NoSuchSpec { Known: var known } => NotFound($"Kernel spec {Shown(spec)} not found; there are: {string.Join(", ", known.Order())}"),
        StartKernelOutcome.NoServers => Unavailable("no GPU server is connected just now, so no kernel can start; try again in a few seconds"),
        StartKernelOutcome.LimitReached { Reason: var reason } => Json(StatusCodes.Status403Forbidden, reason, "Resource Limit"),
        StartKernelOutcome.Refused { Reason: var reason } => Json(StatusCodes.Status403Forbidden, reason, "Refused"),
        _ => Unavailable("the control plane gave an answer that this gateway does not know; are both of one version?"),
    };

    /// <summary>What somebody wrote, cut to a length that can be shown.</summary>
    public static string Shown(string text, int most = MaxShown) => text.Length <= most ? text : $"{text.AsSpan(0, most)}...";

    /// <summary>Counts the requests that were not done.</summary>
    public static void CountRefusals(this WebApplication app, GatewayCounters counters) => app.Use(next => async context =>
    {
        await next(context);
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest) counters.Add(GatewayCounters.RefusedRequests);
    });

    /// <summary>Gives every answer without a body one, and every exception an answer.</summary>
    public static void UseJupyterErrors(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            SuppressDiagnosticsCallback = c => c.Exception is ControlPlaneUnavailableException or BadHttpRequestException,
            ExceptionHandler = context => (context.Features.Get<IExceptionHandlerFeature>()?.Error switch
            {
                ControlPlaneUnavailableException e => Unavailable(e.Message),
                BadHttpRequestException e => Json(e.StatusCode, e.Message, "Bad Request"),
                _ => Json(StatusCodes.Status500InternalServerError, "the gateway failed on this request; its log says how", "Internal Server Error"),
            }).ExecuteAsync(context),
        });
        app.UseStatusCodePages(pages => (pages.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => NotFound($"nothing is at {Shown(pages.HttpContext.Request.Path)}"),
            StatusCodes.Status405MethodNotAllowed =>
                Json(StatusCodes.Status405MethodNotAllowed, $"{pages.HttpContext.Request.Method} is not allowed here", "Method Not Allowed"),
            var status => Json(status, $"the request was refused with status {status}", "Error"),
        }).ExecuteAsync(pages.HttpContext));
    }
}
