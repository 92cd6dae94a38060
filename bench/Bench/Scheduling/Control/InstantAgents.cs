using System.Collections.Immutable;
using Notebook.Contracts;
using Notebook.Contracts.Agents;
using Orleans;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>
/// Agents that have done at once what they are told, and say so when the benchmark asks for it: a real one needs a hundredth of a
/// second or more to start a process, so that its word never comes in the middle of the placing. A cell runs until the benchmark
/// ends it.
/// </summary>
internal sealed class InstantAgents(Func<IGrainFactory> grains) : IAgentCommands
{
    private readonly Dictionary<ReplicaId, ReplicaReport> _replicas = [];
    private readonly Queue<(ServerId Server, ReplicaReport Report)> _unsaid = [];
    private int _lastPid = 1000;

    /// <summary>The last order to run a cell; null when it was taken.</summary>
    public (ServerId Server, AgentCommand.RunCell Order)? Ordered { get; private set; }

    public bool TrySend(ServerId server, AgentCommand command)
    {
        switch (command)
        {
            case AgentCommand.StartReplica start when !_replicas.ContainsKey(start.Replica):
                Report(server, new ReplicaReport(start.Replica, start.Assignment.Incarnation, ReplicaPhase.Ready, ++_lastPid, null, null)
                {
                    Standby = start.Assignment.Keeping.Standby,
                });
                break;
            case AgentCommand.RunCell run:
                Ordered = (server, run);
                break;
            default:
                break;
        }

        return true;
    }

    public void Disconnect(ServerId server, string reason)
    {
        // These agents are always there.
    }

    /// <summary>Forgets the last order.</summary>
    public void Forget() => Ordered = null;

    /// <summary>The agents say what they have done.</summary>
    public void Speak()
    {
        while (_unsaid.TryDequeue(out var word)) _ = grains().GetGrain<IGpuServerGrain>(word.Server.Value).ReplicaReported(word.Report);   // one-way
    }

    /// <summary>The cell that was ordered last ends.</summary>
    public void End()
    {
        var (server, run) = Ordered ?? throw new InvalidOperationException("no cell was ordered");
        Ordered = null;
        Report(server, _replicas[run.Replica] with
        {
            LastExecution = new ExecutionReport(run.Order.MessageId, run.Order.Execution, run.Order.Epoch, ExecutionPhase.Succeeded, null),
        });
    }

    /// <summary>What an agent of this name says when it connects.</summary>
    public static ServerRegistration Registration(ServerId server, int gpus) => new(
        server, "boot-1", 1, $"ws://{server}/",
        [.. Enumerable.Range(0, gpus).Select(i => new GpuInfo(i, $"GPU-{server}-{i}", "simulated", "Simulated", 81_920))],
        [new KernelSpecInfo("python3", "Python 3", "python", ImmutableDictionary<string, string>.Empty)],
        new ServerLoad(0.1, 64_000, 1_024_000, 4), [])
    {
        MilliCpus = 128_000,
    };

    private void Report(ServerId server, ReplicaReport report)
    {
        _replicas[report.Replica] = report;
        _unsaid.Enqueue((server, report));
    }
}
