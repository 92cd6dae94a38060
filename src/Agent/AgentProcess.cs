using Notebook.Agent.Kernels;
using Notebook.Agent.Peers;
using Notebook.Hosting;
using Notebook.Links;

namespace Notebook.Agent;

/// <summary>The agent as a process: listens for gateways and other agents, keeps the link to the silo, ends its kernels when it ends.</summary>
internal static class AgentProcess
{
    /// <summary>Runs until it is told to stop.</summary>
    /// <exception cref="UserException">It cannot start.</exception>
    /// <exception cref="LinkRefusedException">The silo refuses it.</exception>
    public static async Task RunAsync(AgentSettings settings, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        await using var app = WebApplication.CreateSlimBuilder().UseProcess(settings.Process).Build();
        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        GpuLog.Say(logs.CreateLogger("Notebook.Agent.Gpus"), settings.Gpus);
        var specs = await new KernelSpecs(new PythonProbe(time), logs.CreateLogger<KernelSpecs>()).FindAsync(settings.Pythons, settings.KernelSpecFolders);
        await using var runtime = new AgentRuntime(settings, specs, time, logs);
        app.UseWebSockets();
        app.MapLinks(LinksOf(settings.Process, runtime, time));

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStart = app.Lifetime.ApplicationStarted.Register(() => started.SetResult());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, app.Lifetime.ApplicationStopping);
        var serving = app.RunProcessAsync();
        if (await Task.WhenAny(serving, started.Task) == serving) await serving;   // it could not start

        var silo = runtime.RunAsync(DataAddress(settings, app.ListeningAddress()), stop.Token);
        await Task.WhenAny(serving, silo, runtime.StateFailed);
        await app.StopAsync(CancellationToken.None);
        await serving;
        if (runtime.StateFailed.IsFaulted) await runtime.StateFailed;
        try
        {
            await silo;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private static LinkServices LinksOf(ProcessSettings process, AgentRuntime runtime, TimeProvider time) =>
        new(process.Self, process.Key, time, new Dictionary<string, Func<Link, CancellationToken, Task>>
        {
            [LinkPurpose.Data] = runtime.Gateways.ServeAsync,
            [LinkPurpose.Peer] = runtime.Peers.ServeAsync,
        })
        {
            FaultOf = (peer, purpose) => purpose == LinkPurpose.Peer ? PeerRules.FaultOf(process.Self, peer) : null,
        };

    private static Uri DataAddress(AgentSettings settings, Uri listening)
    {
        if (settings.Advertise is { } advertise) return advertise;
        var host = listening.Host is "0.0.0.0" or "[::]" ? System.Net.Dns.GetHostName() : listening.Host;
        return new UriBuilder("ws", host, listening.Port).Uri;
    }
}
