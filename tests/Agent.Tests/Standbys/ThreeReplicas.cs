using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>The replicas of one kernel on three real agents, numbered as these, as a silo would have it; they are stopped with the test.</summary>
internal sealed class ThreeReplicas(ThreeAgents agents) : IAsyncDisposable
{
    private readonly string _kernel = agents.NewKernel();
    private readonly FakeGateway?[] _gateways = new FakeGateway?[3];
    private long _execution;

    /// <summary>Orders all replicas to be up, or to be kept otherwise.</summary>
    public void Order(StandbyMode standby, Durability durability = Durability.State, bool reclaimed = false, bool fresh = false)
    {
        for (var number = 1; number <= 3; number++)
        {
            var order = agents[number].StartOrder(ReplicaOf(number), 1);
            (order.Standby, order.Durability, order.Reclaimed, order.Fresh) = (standby, durability, reclaimed, fresh);
            order.Founders.Add([1, 2, 3]);
            for (var peer = 1; peer <= 3; peer++)
                order.Peers.Add(new Peer { Replica = ReplicaOf(peer), Server = $"agent-{peer}", Address = agents[peer].DataAddress.ToString() });
            SiloOf(number).Order(new() { Start = order });
        }
    }

    /// <summary>Waits until a replica is ready and does this with the state.</summary>
    public Task<ReplicaReport> PresentAsync(int number, StandbyMode present, Func<ReplicaReport, bool>? more = null) =>
        SiloOf(number).Reports.NextAsync(
            $"replica {number} is {present}",
            r => r.Replica == ReplicaOf(number) && r.Phase == ReplicaPhase.ReplicaReady && r.Standby == present && more?.Invoke(r) != false);

    /// <summary>Waits until a replica is lost, for a reason with this in it.</summary>
    public Task<ReplicaReport> LostAsync(int number, string reason) => SiloOf(number).Reports.NextAsync(
        $"replica {number} is lost: {reason}",
        r => r.Replica == ReplicaOf(number) && r.Phase == ReplicaPhase.ReplicaLost && r.Reason.Contains(reason, StringComparison.Ordinal));

    /// <summary>Waits until all three are ready and do this.</summary>
    public Task<ReplicaReport[]> AllAsync(StandbyMode present) => Task.WhenAll(Enumerable.Range(1, 3).Select(number => PresentAsync(number, present)));

    /// <summary>What a replica reported and nobody asked for.</summary>
    public IReadOnlyList<ReplicaReport> UnaskedOf(int number) => [.. SiloOf(number).Reports.Unasked.Where(report => report.Replica == ReplicaOf(number))];

    /// <summary>Waits until a cell ended like this at a replica.</summary>
    public Task<ExecutionReport> EndedAsync(int number, CellOrder cell, ExecutionPhase phase) =>
        SiloOf(number).ExecutionAsync(ReplicaOf(number), cell.MessageId, phase);

    /// <summary>Runs a cell at a replica, in an epoch of its own if need be, and gives what it printed.</summary>
    public async Task<string> RunAsync(int number, long epoch, string code)
    {
        var gateway = await GatewayAsync(number);
        var cell = gateway.Stage(ReplicaOf(number), code + "\nprint('<end>')");
        agents[number].Run(ReplicaOf(number), cell, ++_execution, epoch);
        await gateway.ReplyAsync(cell);
        return await gateway.PrintedAsync(cell, "<end>");
    }

    /// <summary>Orders a cell at a replica, and waits until it runs.</summary>
    public async Task<CellOrder> BeginAsync(int number, long epoch, string code)
    {
        var gateway = await GatewayAsync(number);
        var order = new CellOrder(gateway.Stage(ReplicaOf(number), code), ++_execution, epoch, []);
        agents[number].Run(ReplicaOf(number), order.MessageId, order.Execution, epoch);
        await gateway.NextAsync(order.MessageId, "execute_input");
        return order;
    }

    /// <summary>Sends a replica a message that is no cell, and gives its id.</summary>
    public async Task<string> ForwardAsync(int number, Channel channel, string type, object content) =>
        (await GatewayAsync(number)).Forward(ReplicaOf(number), channel, type, content);

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
            var asked = await ForwardAsync(number, Channel.Shell, "inspect_request", new { code = name, cursor_pos = name.Length, detail_level = 0 });
            found = (await gateway.NextAsync(asked, "inspect_reply")).Text();
        }
    }

    /// <summary>Ends an agent and starts it again, at another address; its replica has to be ordered again.</summary>
    public async Task RestartAsync(int number)
    {
        if (_gateways[number - 1] is { } gateway) await gateway.DisposeAsync();
        _gateways[number - 1] = null;
        await agents[number].RestartAsync();
    }

    /// <summary>Attached to a replica.</summary>
    public async Task<FakeGateway> GatewayAsync(int number)
    {
        if (_gateways[number - 1] is { } known) return known;
        var gateway = _gateways[number - 1] = await FakeGateway.DialAsync(agents[number].DataAddress, agents[number].Key);
        await gateway.AttachAsync(ReplicaOf(number));
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways.OfType<FakeGateway>()) await gateway.DisposeAsync();
        for (var number = 1; number <= 3; number++) SiloOf(number).Order(new() { Stop = new() { Replica = ReplicaOf(number) } });
    }

    private string ReplicaOf(int number) => $"{_kernel}/{number}";

    private FakeSilo SiloOf(int number) => agents[number].Silo;
}
