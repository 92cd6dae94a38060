using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Servers;

/// <summary>
/// How many kernel processes the server's agent keeps warm: <see cref="IPrewarmPolicy"/> says so when the agent connects and
/// every 30 seconds while anything changes there, from what the agent measured. The agent is told each time, for an order may be lost with a connection
/// and the memory that bounds it may be another by now.
/// </summary>
internal sealed partial class GpuServerGrain
{
    private static readonly TimeSpan s_prewarmEvery = TimeSpan.FromSeconds(30);
    private StartRates _starts = new();
    private PrewarmDecision? _pool;
    private int _kernelSpecs = 1;   // of the agent that is connected

    private IGrainTimer? _prewarming;
    private bool _hasNews;                  // of the agent's load since the last look

    /// <summary>Looks every 30 seconds from now on, until no start is remembered and nothing is new.</summary>
    private void PrewarmOn()
    {
        _hasNews = true;
        if (_prewarming is not null) return;
        _starts = new StartRates();
        _starts.Close(Starts, time.GetUtcNow());
        _prewarming = this.RegisterGrainTimer(PrewarmAsync, new GrainTimerCreationOptions(s_prewarmEvery, s_prewarmEvery) { KeepAlive = true });
    }

    private Task PrewarmAsync()
    {
        var goesOn = _hasNews || _starts.PerSecond > 0;
        _hasNews = false;
        if (_health.State == ServerState.Up)   // who comes back is told then
        {
            _starts.Close(Starts, time.GetUtcNow());
            SizePool();
        }

        if (goesOn) return Task.CompletedTask;
        _prewarming?.Dispose();
        _prewarming = null;
        return Task.CompletedTask;
    }

    private long Starts => _load.Pool is { } pool ? pool.Hits + pool.Misses : 0;

    /// <summary>The agent is connected: it may have been started anew, and knows nothing of what was decided.</summary>
    private void SizePoolOf(ServerRegistration registration)
    {
        _kernelSpecs = Math.Max(1, registration.KernelSpecs.Length);
        PrewarmOn();
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
