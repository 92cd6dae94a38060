using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Servers;

/// <summary>
/// How many kernel processes the server's agent keeps warm: <see cref="IPrewarmPolicy"/> says so when the agent connects and
/// every 30 seconds, from what the agent measured. The agent is told each time, for an order may be lost with a connection
/// and the memory that bounds it may be another by now.
/// </summary>
internal sealed partial class GpuServerGrain
{
    private static readonly TimeSpan s_prewarmEvery = TimeSpan.FromSeconds(30);
    private readonly StartRates _starts = new();
    private PrewarmDecision? _pool;
    private int _kernelSpecs = 1;   // of the agent that is connected

    private void StartPrewarming() =>
        this.RegisterGrainTimer(PrewarmAsync, new GrainTimerCreationOptions(s_prewarmEvery, s_prewarmEvery) { KeepAlive = true });

    private Task PrewarmAsync()
    {
        if (_health.State != ServerState.Up) return Task.CompletedTask;   // who comes back is told then
        _starts.Close(Starts, time.GetUtcNow());
        SizePool();
        return Task.CompletedTask;
    }

    private long Starts => _load.Pool is { } pool ? pool.Hits + pool.Misses : 0;

    /// <summary>The agent is connected: it may have been started anew, and knows nothing of what was decided.</summary>
    private void SizePoolOf(ServerRegistration registration)
    {
        _kernelSpecs = Math.Max(1, registration.KernelSpecs.Length);
        if (_starts.Window == TimeSpan.Zero) _starts.Close(Starts, time.GetUtcNow());
        SizePool();
    }

    private void SizePool()
    {
        var decision = prewarm.Size(time.GetUtcNow(), PrewarmView);
        if (decision.Target != _pool?.Target) LogPool(Id, prewarm.Name, decision.Target, decision.Reason);
        _pool = decision;
        agents.TrySend(Id, new AgentCommand.SetPool(decision.Target));
    }

    private PrewarmServer PrewarmView => new(
        Id,
        _load.WarmProcesses,
        _starts.Window,
        _starts.InWindow,
        _starts.PerSecond,
        _load.Pool?.HoldingTime ?? TimeSpan.Zero,
        _load.Pool?.ProcessMemoryMb ?? 0,
        _load.MemoryTotalMb > 0 ? _load.MemoryTotalMb - _load.MemoryUsedMb : null,
        _kernelSpecs,
        _placed.Count);

    [LoggerMessage(EventId = 3111, Level = LogLevel.Information, Message = "Server {Server}: policy {Policy} keeps {Target} processes warm: {Reason}")]
    private partial void LogPool(ServerId server, string policy, int? target, string reason);
}
