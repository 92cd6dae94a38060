using System.Threading.Channels;
using Notebook.Links;
using Notebook.Links.Protocol;
using Channel = System.Threading.Channels.Channel;
using ExecutionReport = Notebook.Links.Protocol.ExecutionReport;
using ReplicaReport = Notebook.Links.Protocol.ReplicaReport;

namespace Notebook.Silo.Tests;

/// <summary>An agent that speaks the real protocol on a real link, and does only what the test says.</summary>
internal sealed class ScriptedAgent : IAsyncDisposable
{
    private readonly Channel<SiloToAgent> _orders = Channel.CreateUnbounded<SiloToAgent>();
    private readonly Dictionary<string, ReplicaReport> _replicas = [];
    private readonly int _gpus;
    private readonly string _bootId;

    public ScriptedAgent(Link link, string id, int gpus = 2, string bootId = "boot-1")
    {
        (Link, Id, _gpus, _bootId) = (link, id, gpus, bootId);
        _ = ReadAsync();
    }

    public Link Link { get; }

    /// <summary>What it was told of its pools, apart from the other orders: that comes whenever the silo looks at them.</summary>
    public Channel<SetPool> Pools { get; } = Channel.CreateUnbounded<SetPool>();

    public string Id { get; }

    public static Register Registration(string id, int gpus = 2, string bootId = "boot-1")
    {
        var register = new Register
        {
            Server = id,
            BootId = bootId,
            ProcessId = 42,
            DataAddress = "ws://127.0.0.1:9999/",
            Load = new Load
            {
                CpuShare = 0.25,
                MemoryUsedMb = 100,
                MemoryTotalMb = 1000,
                WarmProcesses = 2,
                Pool = new Links.Protocol.PoolLoad { Target = 3, Hits = 5, Misses = 1, StartUs = 80_500, HoldingUs = 400_000, ProcessMemoryMb = 21 },
            },
            KernelSpecs = { new KernelSpec { Name = "python3", DisplayName = "Python 3", Language = "python" } },
        };
        for (var i = 0; i < gpus; i++)
            register.Gpus.Add(new Gpu { Index = i, Uuid = $"SIM-{id}-{i}", Kind = "simulated", Name = "Simulated GPU", MemoryMb = 1024 });
        return register;
    }

    public void Register()
    {
        var register = Registration(Id, _gpus, _bootId);
        register.Replicas.Add(_replicas.Values);
        Send(new AgentToSilo { Register = register });
    }

    public void Send(AgentToSilo message) => Assert.True(Link.TrySend(message));

    public async Task<SiloToAgent> NextOrderAsync(string what) => await _orders.Reader.ReadAsync().AsTask().Within($"an order to {Id}: {what}");

    public async Task<RunCell> NextRunAsync(string what)
    {
        while (true)
        {
            if ((await NextOrderAsync(what)).Run is { } run) return run;
        }
    }

    /// <summary>Starts the replica of the next order.</summary>
    public async Task<StartReplica> StartNextAsync()
    {
        var start = (await NextOrderAsync("a replica to start")).Start;
        Assert.NotNull(start);
        Report(new ReplicaReport
        {
            Replica = start.Replica,
            Incarnation = start.Incarnation,
            Phase = Links.Protocol.ReplicaPhase.ReplicaReady,
            ProcessId = 4711,
        });
        return start;
    }

    public void Ended(RunCell run, Links.Protocol.ExecutionPhase phase = Links.Protocol.ExecutionPhase.ExecutionSucceeded)
    {
        var report = _replicas[run.Replica].Clone();
        report.LastExecution = new ExecutionReport { MessageId = run.MessageId, Execution = run.Execution, Epoch = run.Epoch, Phase = phase };
        Report(report);
    }

    public void Report(ReplicaReport report)
    {
        _replicas[report.Replica] = report;
        Send(new AgentToSilo { Report = report });
    }

    /// <summary>The same agent with another link.</summary>
    public ScriptedAgent Again(Link link)
    {
        var again = new ScriptedAgent(link, Id, _gpus, _bootId);
        foreach (var (id, report) in _replicas) again._replicas[id] = report;
        return again;
    }

    public ValueTask DisposeAsync() => Link.DisposeAsync();

    private async Task ReadAsync()
    {
        await foreach (var order in Link.ReadAsync(SiloToAgent.Parser))
        {
            if (order.Pool is { } pool) Pools.Writer.TryWrite(pool);
            else _orders.Writer.TryWrite(order);
        }
    }
}
