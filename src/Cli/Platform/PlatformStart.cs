using System.Text.Json.Nodes;
using Notebook.Cli.Setup;
using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Serilog;
using Serilog.Formatting.Json;

namespace Notebook.Cli.Platform;

/// <summary>
/// Brings the platform of a data directory up, keeps it up, and takes it down: the whole life of the supervisor.
/// </summary>
internal sealed class PlatformStart(Installation installation, DataDirectory data, TimeProvider time)
{
    private static readonly TimeSpan ServersWithin = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Starts everything, calls <paramref name="ready"/> once it is, and stays until <paramref name="stop"/>. Whatever
    /// happens, what it started has ended when it returns.
    /// </summary>
    public async Task RunAsync(UpSettings settings, Func<Task> ready, CancellationToken stop)
    {
        try
        {
            await KeepUpAsync(settings, ready, stop);
        }
        finally
        {
            await LocalServer.EndAllAsync(data, time);   // the silo ends those that it added, unless it was killed just now
        }
    }

    private async Task KeepUpAsync(UpSettings settings, Func<Task> ready, CancellationToken stop)
    {
        Action<string> progress = Console.Error.WriteLine;
        if (await Orphans.EndAsync(data, time) is > 0 and var orphans)
            progress($"ended {orphans} processes that an earlier run had left behind");
        if (settings.Port != 0 && !Ports.IsFree(settings.Port))
            throw new UserException(
                $"port {settings.Port} on 127.0.0.1 is in use: stop what listens there, or choose another with --port", ExitCodes.PortInUse);

        Secrets.Prepare(data, settings.Token);
        var python = await new PythonSetup(data, time, progress).PrepareAsync(settings.Pythons, stop);
        var ports = new Ports(data);
        var plan = PlatformPlan.Of(installation, data, settings, GpuShares.Of(settings.Gpus, settings.Agents), python.Interpreters, python.Environment,
            id => id == "gateway" && settings.Port != 0 ? settings.Port : ports.For(id));

        await using var log = new LoggerConfiguration()
            .Enrich.WithProperty("Process", "up")
            .WriteTo.File(new JsonFormatter(renderMessage: true), Path.Combine(data.Logs, "up.log"),
                fileSizeLimitBytes: 64 << 20, rollOnFileSizeLimit: true, retainedFileCountLimit: 5)
            .WriteTo.Console(Serilog.Events.LogEventLevel.Warning, standardErrorFromLevel: Serilog.Events.LogEventLevel.Verbose,
                outputTemplate: "{Timestamp:HH:mm:ss} {Message:lj}{NewLine}")
            .CreateLogger();

        progress($"starting silo, gateway and {settings.Agents} agents...");
        await using var supervisor = new Supervisor(data, plan.Single(c => c.Role == "gateway").Address, plan, log, time);
        try
        {
            await supervisor.StartAsync(stop);
            await ServersConnectedAsync(new Uri(plan.Single(c => c.Role == "silo").Address), stop);
            supervisor.MarkReady();
            await ready();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            progress("stopping...");
        }
    }

    // The silo may remember servers of an earlier run as connected: those count that are our agents of now.
    private async Task ServersConnectedAsync(Uri silo, CancellationToken stop)
    {
        using var admin = new AdminClient(silo, Secrets.Token(data));
        var agents = RunRecord.Read(data)!.Processes.Where(p => p.Role == "agent").Select(p => p.Process?.Pid ?? 0).ToHashSet();
        var connected = 0;
        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < ServersWithin; await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop))
        {
            var cluster = await admin.ClusterAsync(stop);
            connected = (cluster?["servers"] as JsonArray ?? [])
                .Count(s => (string?)s?["state"] == "up" && s["pid"] is { } pid && agents.Contains((int)pid));
            if (connected >= agents.Count) return;
        }

        throw new UserException(
            $"only {connected} of {agents.Count} GPU servers connected within {ServersWithin.TotalSeconds:0} s: 'notebook logs' shows why");
    }
}
