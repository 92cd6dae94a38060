using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Agents that do at once what they are told, as far as the test does not hold them back, and write down every order.</summary>
internal sealed class FakeAgents(Func<IGrainFactory> grains) : IAgentCommands
{
    private readonly ConcurrentDictionary<ServerId, FakeAgent> _agents = new();
    private readonly Channel<(ServerId Server, AgentCommand.RunCell Run)> _runs = Channel.CreateUnbounded<(ServerId, AgentCommand.RunCell)>();
    private int _lastPid = 1000;

    /// <summary>Whether processes come up as soon as they are ordered.</summary>
    public bool StartsProcesses { get; set; } = true;

    /// <summary>Whether agents that connect offer kernels that are not ours, by the name of <c>echo</c>.</summary>
    public bool OffersForeign { get; set; }

    /// <summary>Whether a replica that is told to takes over from its kernel's only one at once.</summary>
    public bool TakesOver { get; set; } = true;

    /// <summary>What the log says of a cell whose executor was lost; null while whoever is asked does not answer.</summary>
    public Func<AgentCommand.RecallCell, ExecutionPhase?> OnRecall { get; set; } = _ => ExecutionPhase.NotCommitted;

    public ConcurrentQueue<(ServerId Server, AgentCommand Command)> Log { get; } = [];

    /// <summary>All questions for cells whose executor was lost, in order.</summary>
    public IEnumerable<AgentCommand.RecallCell> Recalls => Log.Select(entry => entry.Command).OfType<AgentCommand.RecallCell>();

    public FakeAgent this[string server] => _agents[new ServerId(server)];

    public async Task<(string Server, AgentCommand.RunCell Run)> NextRunAsync(string what)
    {
        var (server, run) = await _runs.Reader.ReadAsync().AsTask().Within($"an order to run a cell: {what}");
        return (server.Value, run);
    }

    public bool NoRunIsOrdered => _runs.Reader.Count == 0;

    public bool TrySend(ServerId server, AgentCommand command)
    {
        if (!_agents.TryGetValue(server, out var agent) || !agent.Connected) return false;
        Log.Enqueue((server, command));
        switch (command)
        {
            case AgentCommand.StartReplica start when StartsProcesses:
                var standby = start.Assignment.IsReclaimed ? StandbyMode.Cold : start.Assignment.Keeping.Standby;
                if (agent.Replicas.TryGetValue(start.Replica, out var has) && has.Incarnation == start.Assignment.Incarnation
                    && has.Phase == ReplicaPhase.Ready)
                {
                    agent.Rest(has, standby, start.Assignment.IsReclaimed, NewPid);
                    TakeOver(agent, start.Replica, start.Assignment.Peers);
                    break;
                }

                var pid = standby == StandbyMode.Cold ? 0 : NewPid();
                agent.Report(new ReplicaReport(start.Replica, start.Assignment.Incarnation, ReplicaPhase.Ready, pid, null, null) { Standby = standby });
                break;
            case AgentCommand.StopReplica stop:
                agent.Replicas.TryRemove(stop.Replica, out _);
                break;
            case AgentCommand.RunCell run when agent.EndOf(run) is { } ended && !agent.MayRunNow(run, ended):
                agent.Report(ended);   // as agents do: a cell that has ended is not run again
                break;
            case AgentCommand.RunCell run when agent.Ran.TryAdd(run.Order.MessageId, true):
                agent.Note(run.Replica, new ExecutionReport(
                    run.Order.MessageId, run.Order.Execution, run.Order.Epoch, ExecutionPhase.Running, null));
                _runs.Writer.TryWrite((server, run));
                break;
            case AgentCommand.SetPeers set:
                TakeOver(agent, set.Replica, set.Peers);
                break;
            case AgentCommand.RecallCell { Recall: var cell } recall when OnRecall(recall) is { } phase:
                agent.Report(agent.Replicas[recall.Replica] with
                {
                    LastExecution = new ExecutionReport(cell.MessageId, cell.Execution, cell.Epoch, phase, "the log says so"),
                });
                break;
            default:
                break;
        }

        return true;
    }

    private void TakeOver(FakeAgent agent, ReplicaId replica, ImmutableArray<ReplicaPeer> peers)
    {
        if (!TakesOver || !peers.Any(p => p.Standing == PeerStanding.Leaves && p.Replica != replica)) return;
        if (agent.Replicas.TryGetValue(replica, out var has)) agent.Report(has with { IsAlone = true });
    }

    private int NewPid() => Interlocked.Increment(ref _lastPid);

    /// <summary>Its silo closes the connection: the agent dials again at once, as agents do.</summary>
    public void Disconnect(ServerId server, string reason)
    {
        if (!_agents.TryGetValue(server, out var agent) || !agent.Connected) return;
        agent.Connected = false;
        _ = Task.Run(async () =>
        {
            await Grain(server).Disconnected(agent.BootId, reason);
            await ConnectAsync(server.Value, bootId: agent.BootId);
        });
    }

    /// <summary>An agent starts, or starts again, and connects.</summary>
    public Task ConnectAsync(string server, int gpus = 2, string bootId = "boot-1")
    {
        var agent = _agents.GetOrAdd(new ServerId(server), id => new FakeAgent(this, id, gpus));
        if (agent.BootId != bootId)
        {
            agent.Replicas.Clear();
            agent.Ran.Clear();
        }

        (agent.BootId, agent.Connected) = (bootId, true);
        return Grain(agent.Server).Connected(agent.Registration);
    }

    /// <summary>The silo is gone: nobody is told.</summary>
    public void DisconnectAll()
    {
        foreach (var agent in _agents.Values) agent.Connected = false;
    }

    public Task DisconnectAsync(string server)
    {
        this[server].Connected = false;
        return Grain(new ServerId(server)).Disconnected(this[server].BootId, "the test broke it");
    }

    public IGpuServerGrain Grain(ServerId server) => grains().GetGrain<IGpuServerGrain>(server.Value);
}

internal sealed class FakeAgent(FakeAgents agents, ServerId server, int gpus)
{
    public ServerId Server { get; } = server;

    public string BootId { get; set; } = "";

    public string Address { get; set; } = $"ws://{server}/";

    public bool Connected { get; set; }

    public ConcurrentDictionary<ReplicaId, ReplicaReport> Replicas { get; } = new();

    public ConcurrentDictionary<string, bool> Ran { get; } = new();

    public ServerRegistration Registration => new(
        Server, BootId, 42, Address,
        [.. Enumerable.Range(0, gpus).Select(i => new GpuInfo(i, $"GPU-{Server}-{i}", "simulated", "Simulated", 1024))],
        [
            new KernelSpecInfo("python3", "Python 3", "python", ImmutableDictionary<string, string>.Empty),
            .. agents.OffersForeign ? [new KernelSpecInfo("echo", "Echo", "echo", ImmutableDictionary<string, string>.Empty) { IsForeign = true }] : (KernelSpecInfo[])[],
        ],
        new ServerLoad(0, 0, 256_000, 0),
        [.. Replicas.Values])
    {
        Logs = Logs,
        MilliCpus = 64_000,
    };

    /// <summary>What it says of logs that no replica has open.</summary>
    public ImmutableArray<HeldLog> Logs { get; set; } = [];

    public void Note(ReplicaId replica, ExecutionReport execution)
    {
        if (Replicas.TryGetValue(replica, out var known)) Replicas[replica] = known with { LastExecution = execution };
    }

    /// <summary>What there is to say of a cell that is ordered again after it has ended; null of one that has not.</summary>
    public ReplicaReport? EndOf(AgentCommand.RunCell run) =>
        Replicas.TryGetValue(run.Replica, out var known) && known.LastExecution is { Phase: not ExecutionPhase.Running } last
            && last.MessageId == run.Order.MessageId ? known : null;

    /// <summary>Whether a cell that was ordered before could not run then, and may now: in a later epoch.</summary>
    public bool MayRunNow(AgentCommand.RunCell run, ReplicaReport last)
    {
        if (last.LastExecution is not { Phase: ExecutionPhase.NotNow } before || before.Epoch >= run.Order.Epoch) return false;
        return Ran.TryRemove(run.Order.MessageId, out _);
    }

    public void Report(ReplicaReport report)
    {
        Replicas[report.Replica] = report;
        _ = agents.Grain(Server).ReplicaReported(report);
    }

    /// <summary>Whether processes end and come up as reclaimed kernels' do; else a repeated order changes nothing.</summary>
    public bool Reclaims { get; set; } = true;

    /// <summary>The order of a replica is repeated: its process ends when its kernel is reclaimed, and comes up when that is over.</summary>
    public void Rest(ReplicaReport has, StandbyMode standby, bool isReclaimed, Func<int> newPid)
    {
        if (!Reclaims || has.Held is not null || (isReclaimed && has.LastExecution is { Phase: ExecutionPhase.Running })) return;
        if (isReclaimed && has.Standby != StandbyMode.Cold) Report(has with { Standby = StandbyMode.Cold, ProcessId = 0 });
        else if (!isReclaimed && has.Standby == StandbyMode.Cold && standby != StandbyMode.Cold) WakeUp(has.Replica, newPid(), standby);
    }

    /// <summary>A cold replica's process comes up.</summary>
    public void WakeUp(ReplicaId replica, int pid, StandbyMode standby = StandbyMode.Hot) =>
        Report(Replicas[replica] with { Standby = standby, ProcessId = pid });

    /// <summary>The cell of this order ends.</summary>
    public void Finish(
        AgentCommand.RunCell run, ExecutionPhase phase = ExecutionPhase.Succeeded, string? reason = null, CellDefault? cellDefault = null) =>
        Report(Replicas[run.Replica] with
        {
            LastExecution = new ExecutionReport(run.Order.MessageId, run.Order.Execution, run.Order.Epoch, phase, reason) { CellDefault = cellDefault },
        });

    /// <summary>What the cell changed cannot be kept: the agent ends its process.</summary>
    public void NotKept(AgentCommand.RunCell run, string reason) => Report(Replicas[run.Replica] with
    {
        Phase = ReplicaPhase.Lost,
        ProcessId = 0,
        Reason = reason,
        LastExecution = new ExecutionReport(run.Order.MessageId, run.Order.Execution, run.Order.Epoch, ExecutionPhase.NotKept, reason),
    });

    /// <summary>The process of a replica dies, with the cell that it runs.</summary>
    public void Kill(ReplicaId replica)
    {
        var known = Replicas[replica];
        var last = known.LastExecution is { Phase: ExecutionPhase.Running } running
            ? running with { Phase = ExecutionPhase.ProcessLost, Reason = "killed" }
            : known.LastExecution;
        if (last != known.LastExecution) Report(known with { ProcessId = 0, LastExecution = last });   // as agents do: the cell first
        Report(known with { Phase = ReplicaPhase.Lost, ProcessId = 0, Reason = "killed", LastExecution = last });
    }
}
