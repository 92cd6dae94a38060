using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>Three real agents in this process that hold the replicas of one kernel, numbered 1 to 3, as a silo would have it.</summary>
internal sealed class ThreeReplicas : IAsyncDisposable
{
    private const string Kernel = "kernel";
    private readonly RunningAgent[] _agents;
    private readonly FakeGateway?[] _gateways = new FakeGateway?[3];
    private long _execution;

    private ThreeReplicas(TimeSpan restAfter)
    {
        var key = ClusterKey.Parse(ClusterKey.NewText(), "the test");
        _agents = [.. Enumerable.Range(1, 3).Select(number => new RunningAgent($"agent-{number}", key, restAfter))];
    }

    /// <summary>Starts the agents, not the replicas.</summary>
    public static async Task<ThreeReplicas> StartAsync(TimeSpan restAfter)
    {
        var three = new ThreeReplicas(restAfter);
        await Task.WhenAll(three._agents.Select(agent => agent.InitializeAsync()));
        return three;
    }

    /// <summary>Orders all replicas to be up, or to be kept otherwise.</summary>
    public void Order(StandbyMode standby, Durability durability = Durability.State, bool reclaimed = false)
    {
        for (var number = 1; number <= 3; number++)
        {
            var order = _agents[number - 1].StartOrder($"{Kernel}/{number}", 1);
            (order.Standby, order.Durability, order.Reclaimed) = (standby, durability, reclaimed);
            order.Founders.Add([1, 2, 3]);
            for (var peer = 1; peer <= 3; peer++)
                order.Peers.Add(new Peer { Replica = $"{Kernel}/{peer}", Server = $"agent-{peer}", Address = _agents[peer - 1].DataAddress.ToString() });
            _agents[number - 1].Silo.Order(new() { Start = order });
        }
    }

    /// <summary>Waits until a replica is ready and does this with the state.</summary>
    public Task<ReplicaReport> PresentAsync(int number, StandbyMode present, Func<ReplicaReport, bool>? more = null) =>
        _agents[number - 1].Silo.Reports.NextAsync(
            $"replica {number} is {present}",
            r => r.Phase == ReplicaPhase.ReplicaReady && r.Standby == present && more?.Invoke(r) != false);

    /// <summary>Waits until all three are ready and do this.</summary>
    public Task<ReplicaReport[]> AllAsync(StandbyMode present) => Task.WhenAll(Enumerable.Range(1, 3).Select(number => PresentAsync(number, present)));

    /// <summary>Runs a cell at a replica, in an epoch of its own if need be, and gives what it printed.</summary>
    public async Task<string> RunAsync(int number, long epoch, string code)
    {
        var gateway = await GatewayAsync(number);
        var cell = gateway.Stage($"{Kernel}/{number}", code + "\nprint('<end>')");
        _agents[number - 1].Run($"{Kernel}/{number}", cell, ++_execution, epoch);
        var printed = gateway.NextAsync(cell, "stream", "<end>");
        await gateway.ReplyAsync(cell);
        return (await printed).Text();
    }

    /// <summary>Attached to a replica.</summary>
    public async Task<FakeGateway> GatewayAsync(int number)
    {
        if (_gateways[number - 1] is { } known) return known;
        var gateway = _gateways[number - 1] = await FakeGateway.DialAsync(_agents[number - 1].DataAddress, _agents[number - 1].Key);
        await gateway.AttachAsync($"{Kernel}/{number}");
        return gateway;
    }

    public FakeSilo SiloOf(int number) => _agents[number - 1].Silo;

    public static string ReplicaOf(int number) => $"{Kernel}/{number}";

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways.OfType<FakeGateway>()) await gateway.DisposeAsync();
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
            agent.Dispose();
        }
    }
}
