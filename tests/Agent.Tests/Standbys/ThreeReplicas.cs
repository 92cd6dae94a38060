using Notebook.Agent.Replicas;
using Notebook.Agent.State;
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

    private ThreeReplicas(TimeSpan restAfter, Func<int, StateOptions>? state)
    {
        var key = ClusterKey.Parse(ClusterKey.NewText(), "the test");
        _agents = [.. Enumerable.Range(1, 3).Select(number => state is null
            ? new RunningAgent($"agent-{number}", key, restAfter)
            : new RunningAgent($"agent-{number}", key, restAfter) { State = state(number) })];
    }

    /// <summary>Starts the agents, not the replicas.</summary>
    /// <param name="restAfter">For how long a standby that was used stays as it is.</param>
    /// <param name="state">What each agent, by its number, keeps of the state; null for what tests have otherwise.</param>
    public static async Task<ThreeReplicas> StartAsync(TimeSpan restAfter, Func<int, StateOptions>? state = null)
    {
        var three = new ThreeReplicas(restAfter, state);
        await Task.WhenAll(three._agents.Select(agent => agent.InitializeAsync()));
        return three;
    }

    /// <summary>Orders all replicas to be up, or to be kept otherwise.</summary>
    public void Order(StandbyMode standby, Durability durability = Durability.State, bool reclaimed = false, bool fresh = false)
    {
        for (var number = 1; number <= 3; number++)
        {
            var order = _agents[number - 1].StartOrder($"{Kernel}/{number}", 1);
            (order.Standby, order.Durability, order.Reclaimed, order.Fresh) = (standby, durability, reclaimed, fresh);
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

    /// <summary>Orders a cell at a replica, and waits until it runs.</summary>
    public async Task<CellOrder> BeginAsync(int number, long epoch, string code)
    {
        var gateway = await GatewayAsync(number);
        var order = new CellOrder(gateway.Stage($"{Kernel}/{number}", code), ++_execution, epoch, []);
        _agents[number - 1].Run($"{Kernel}/{number}", order.MessageId, order.Execution, epoch);
        await gateway.NextAsync(order.MessageId, "execute_input");
        return order;
    }

    /// <summary>Asks a replica what became of a cell of replica 1.</summary>
    public void Recall(int number, long epoch, CellOrder cell) => SiloOf(number).Order(new()
    {
        Recall = new() { Replica = ReplicaOf(number), MessageId = cell.MessageId, Execution = cell.Execution, Epoch = epoch, LostServer = "agent-1" },
    });

    /// <summary>Waits until a hot standby's process has a value, by its text.</summary>
    public async Task KnowsAsync(int number, string name, string text)
    {
        var gateway = await GatewayAsync(number);
        for (var found = ""; !found.Contains(text, StringComparison.Ordinal);)
        {
            var asked = gateway.Forward(ReplicaOf(number), Channel.Shell, "inspect_request", new { code = name, cursor_pos = name.Length, detail_level = 0 });
            found = (await gateway.NextAsync(asked, "inspect_reply")).Text();
        }
    }

    /// <summary>Ends an agent and starts it again, at another address; its replica has to be ordered again.</summary>
    public async Task RestartAsync(int number)
    {
        if (_gateways[number - 1] is { } gateway) await gateway.DisposeAsync();
        _gateways[number - 1] = null;
        await _agents[number - 1].RestartAsync();
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
