using System.Collections.Immutable;
using System.ComponentModel;
using Notebook.Contracts;
using Notebook.Contracts.Provisioning;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Silo.Provisioning;

/// <summary>
/// Makes servers of this machine: an agent process for each. They are the silo's as long as it lives: it ends them when it
/// is asked to end, and starts them again when it starts, for kernels may have their state there. When it is killed they run
/// on, and the next silo finds them in <c>state/servers.json</c>; so do <c>notebook down</c> and <c>up</c>.
/// </summary>
/// <param name="data">The data directory.</param>
/// <param name="launch">How agents are started.</param>
/// <param name="settings">What each of them has.</param>
/// <param name="silo">Where they find this silo.</param>
/// <param name="time">The clock.</param>
/// <param name="log">For operators.</param>
internal sealed partial class ProcessProvisioner(
    DataDirectory data, AgentLaunch launch, ProvisioningSettings settings, SiloLocation silo, TimeProvider time,
    ILogger<ProcessProvisioner> log) : IServerProvisioner, IHostedLifecycleService
{
    /// <summary>An agent ends within a second; the silo itself has ten.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LocalAgent> _started = [];
    private ImmutableSortedDictionary<string, LocalServer> _servers = ImmutableSortedDictionary<string, LocalServer>.Empty;
    private bool _ending;

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public async Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel)
    {
        try
        {
            if (Ensure(server.Value) is not { } agent) return new ProvisionOutcome.Done();   // it runs, since before this silo
            return await agent.Started.WaitAsync(cancel) is { } failure ? new ProvisionOutcome.Failed(failure) : new ProvisionOutcome.Done();
        }
        catch (OperationCanceledException)
        {
            return new ProvisionOutcome.Failed($"the agent of server {server} did not say in time that it is ready");
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException or EndingException)
        {
            return new ProvisionOutcome.Failed($"the agent of server {server} could not be started: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel)
    {
        try
        {
            if (_servers.GetValueOrDefault(server.Value)?.Process is { } process) await ProcessEnding.EndAsync(process, s_grace, time);
            var folder = Path.Combine(data.State, server.Value);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            lock (_lock)
            {
                _started.Remove(server.Value);
                Replace_NeedsLock(_servers.Remove(server.Value));
            }

            LogRemoved(server);
            return new ProvisionOutcome.Done();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ProvisionOutcome.Failed($"server {server} could not be removed: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _servers = LocalServer.ReadAll(data).ToImmutableSortedDictionary(s => s.Id, s => s, StringComparer.Ordinal);
        return Task.CompletedTask;
    }

    /// <summary>The silo listens: the servers of the last one come back.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var server in _servers.Keys) _ = AddAgainAsync(new ServerId(server));
        return Task.CompletedTask;
    }

    /// <summary>The silo is asked to end: its servers end with it, and stay in the list.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_lock) _ending = true;
        await Task.WhenAll(_servers.Values.Select(s => s.Process).OfType<ProcessIdentity>().Select(process => ProcessEnding.EndAsync(process, s_grace, time)));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sees to it that the server's agent runs.</summary>
    /// <returns>The agent, when this silo started it.</returns>
    private LocalAgent? Ensure(string id)
    {
        lock (_lock)
        {
            if (_ending) throw new EndingException();
            var server = _servers.GetValueOrDefault(id) ?? new LocalServer(id, settings.ServerGpus > 0 ? $"simulated:{settings.ServerGpus}" : "none", null);
            if (server.Process is { IsAlive: true }) return _started.GetValueOrDefault(id);

            // Noted before and after: a server whose start was noted is never forgotten.
            Replace_NeedsLock(_servers.SetItem(id, server with { Process = null }));
            var agent = LocalAgent.Start(id, launch.Command(data, id, "127.0.0.1:0", silo.ForAgents, server.Gpus), time);
            Replace_NeedsLock(_servers.SetItem(id, server with { Process = agent.Identity }));
            LogStarted(server.Id, agent.Identity?.Pid ?? 0);
            return _started[id] = agent;
        }
    }

    private async Task AddAgainAsync(ServerId server)
    {
        if (await AddAsync(server, CancellationToken.None) is ProvisionOutcome.Failed failed) LogNotBack(server, failed.Reason);   // it is asked for again
    }

    private void Replace_NeedsLock(ImmutableSortedDictionary<string, LocalServer> servers)
    {
        _servers = servers;   // first: what cannot be written down is still ended with this silo
        LocalServer.WriteAll(data, servers.Values);
    }

    [LoggerMessage(EventId = 2302, Level = LogLevel.Information, Message = "Server {Server} started as process {Pid}")]
    private partial void LogStarted(string server, int pid);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Information, Message = "Server {Server} removed")]
    private partial void LogRemoved(ServerId server);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Warning, Message = "Server {Server} does not come back: {Reason}")]
    private partial void LogNotBack(ServerId server, string reason);

    private sealed class EndingException() : Exception("the silo ends");
}
