using System.Collections.Immutable;
using Notebook.Contracts.Agents;
using Notebook.Contracts;
using Notebook.Embedded.Virtual;
using Orleans.Runtime;

namespace Notebook.Simulator.Model;

/// <summary>
/// All simulated servers, and their connections to the silo: what grains order goes to the server that it is for, and what its
/// agent says comes back as the same calls that the silo's agent endpoint makes.
/// </summary>
internal sealed class SimulatedCluster(VirtualWorld world, ServerModel model, int seed) : IAgentCommands
{
    /// <summary>The one kernelspec.</summary>
    public static readonly KernelSpecInfo Spec = new("python3", "Python 3", "python", ImmutableDictionary<string, string>.Empty);

    private readonly Dictionary<ServerId, SimulatedServer> _servers = [];
    private readonly Dictionary<KernelId, KernelLog> _logs = [];
    private readonly Dictionary<ReplicaId, SimulatedServer> _homes = [];
    private readonly Random _sizes = new(seed ^ 0x51ce5);
    private int _lastProcess;

    /// <summary>The silo that agents dial; null while there is none.</summary>
    public VirtualSilo? Silo { get; set; }

    /// <summary>Who is told of cells.</summary>
    public required IClients Clients { get; init; }

    /// <summary>How long things take.</summary>
    public ServerModel Model { get; } = model;

    /// <summary>What times are drawn from.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>The time.</summary>
    public DateTimeOffset Now => world.Clock.GetUtcNow();

    /// <summary>All servers that ever were, in the order in which they came.</summary>
    public IReadOnlyCollection<SimulatedServer> Servers => _servers.Values;

    /// <summary>Starts of processes that found a warm one.</summary>
    public long PoolHits { get; private set; }

    /// <summary>Starts of processes that had to make one.</summary>
    public long PoolMisses { get; private set; }

    /// <summary>Cells that ended since nobody renewed their lease: none, unless connections break.</summary>
    public long LapsedLeases { get; set; }

    /// <summary>The server of this id, made when it is new.</summary>
    public SimulatedServer Server(ServerId id)
    {
        if (_servers.TryGetValue(id, out var server)) return server;
        return _servers[id] = new SimulatedServer(this, id);
    }

    /// <summary>A kernel's log, made when it is new, with the kernel's sizes.</summary>
    public KernelLog Log(KernelId kernel)
    {
        if (_logs.TryGetValue(kernel, out var log)) return log;
        var gpuBytes = Math.Min(Model.GpuStateBytes.Draw(_sizes), Model.GpuMemoryMb * 1e6);
        return _logs[kernel] = new KernelLog((long)Model.StateBytes.Draw(_sizes), (long)gpuBytes);
    }

    /// <summary>Nothing is to be known of an ended kernel any more.</summary>
    public void Forget(KernelId kernel) => _logs.Remove(kernel);

    /// <summary>Whether a replica's server runs and has it.</summary>
    public bool IsThere(ReplicaId replica) => Home(replica)?.Has(replica) == true;

    /// <inheritdoc/>
    public bool TrySend(ServerId server, AgentCommand command) => _servers.TryGetValue(server, out var known) && known.Send(command);

    /// <inheritdoc/>
    public void Disconnect(ServerId server, string reason)
    {
        if (_servers.TryGetValue(server, out var known)) known.Disconnect(reason, TimeSpan.FromMilliseconds(50));
    }

    /// <summary>The silo is gone without a word.</summary>
    public void LoseSilo()
    {
        Silo = null;
        foreach (var server in _servers.Values) server.LoseSilo();
    }

    /// <summary>There is a silo again: agents find it within two seconds.</summary>
    public void FindSilo(VirtualSilo silo)
    {
        Silo = silo;
        foreach (var server in _servers.Values) Later(TimeSpan.FromSeconds(Random.NextDouble() * 2), server.Connect);
    }

    /// <summary>The server that a replica is on; null when it is on none.</summary>
    public SimulatedServer? Home(ReplicaId replica) => _homes.GetValueOrDefault(replica);

    /// <summary>A replica is on a server.</summary>
    public void NoteHome(ReplicaId replica, SimulatedServer server) => _homes[replica] = server;

    public void NoteStart(bool isWarm)
    {
        if (isWarm) PoolHits++;
        else PoolMisses++;
    }

    public int NextProcess() => ++_lastProcess;

    /// <summary>Does something after a time.</summary>
    public void Later(TimeSpan after, Action then) => Alarm.Set(world.Clock, after, then);

    /// <summary>Makes a call to a server's grain.</summary>
    /// <param name="server">Whose.</param>
    /// <param name="call">The call.</param>
    /// <param name="failed">What to do when it fails, or when there is no silo.</param>
    public void Tell(ServerId server, Func<IGpuServerGrain, Task> call, Action failed)
    {
        if (Silo is not { } silo)
        {
            failed();
            return;
        }

        world.Post(async () =>
        {
            try
            {
                await silo.AskAsync(grains => call(grains.GetGrain<IGpuServerGrain>(server.Value)));
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                failed();
            }
        });
    }

    /// <summary>What an agent says of a replica arrives.</summary>
    public void Report(SimulatedServer server, ReplicaReport report)
    {
        if (Silo is { HasCrashed: false } silo) _ = silo.Grains.GetGrain<IGpuServerGrain>(server.Id.Value).ReplicaReported(report);
    }

    /// <summary>A sign of life arrives.</summary>
    public void Heartbeat(ServerId server, ServerLoad load)
    {
        if (Silo is { HasCrashed: false } silo) _ = silo.Grains.GetGrain<IGpuServerGrain>(server.Value).Heartbeat(load);
    }

    /// <summary>A timer that fires once.</summary>
    private sealed class Alarm
    {
        private readonly Action _then;
        private ITimer? _timer;

        private Alarm(Action then) => _then = then;

        public static void Set(TimeProvider clock, TimeSpan after, Action then)
        {
            var alarm = new Alarm(then);
            alarm._timer = clock.CreateTimer(static state => ((Alarm)state!).Fire(), alarm, after, Timeout.InfiniteTimeSpan);
        }

        private void Fire()
        {
            _timer?.Dispose();
            _then();
        }
    }
}
