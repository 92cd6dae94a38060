using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>A kernel whose only replica moves from one real agent to another, as a silo would order it.</summary>
[Collection(ThreeAgentsCollection.Name)]   // it has no need of the third
public sealed class OnlyReplicaTests(ThreeAgents agents) : IAsyncLifetime
{
    private const string Make = "import random; x = [1, 2]; same = x; big = random.Random(1).randbytes(300_000)";
    private const string Look = "print(f'{x is same} {x} {big == __import__(\"random\").Random(1).randbytes(300_000)}')";
    private readonly string _kernel = agents.NewKernel();
    private readonly List<FakeGateway> _gateways = [];
    private readonly HashSet<int> _ended = [];
    private long _execution;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var gateway in _gateways) await gateway.DisposeAsync();
        foreach (var number in (int[])[1, 2])
        {
            if (_ended.Contains(number)) await agents[number].StartAgainAsync();
            else agents[number].Silo.Order(new() { Stop = new() { Replica = ReplicaOf(number) } });
        }
    }

    [Theory]
    [InlineData(StandbyMode.StandbyHot)]
    [InlineData(StandbyMode.StandbyCold)]   // large values come without a process that asks for them
    public async Task The_new_replica_is_alone_with_all_values_and_needs_the_old_one_no_more(StandbyMode standby)
    {
        Start(1, standby, PeerStanding.PeerStays);
        await ReadyAsync(1);
        await RunAsync(1, epoch: 1, Make);
        await JoinAsync(standby);
        HandOver();
        await AloneAsync(2);
        await EndAgentAsync(1);
        Tell(2, (2, PeerStanding.PeerStays));
        Assert.Contains("True [1, 2] True", await RunAsync(2, epoch: 2, Look), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_one_needs_the_new_one_for_nothing_while_that_learns()
    {
        Start(1, StandbyMode.StandbyHot, PeerStanding.PeerStays);
        await ReadyAsync(1);
        await JoinAsync(StandbyMode.StandbyHot);
        await EndAgentAsync(2);
        await RunAsync(1, epoch: 1, Make);
        Tell(1, (1, PeerStanding.PeerStays));
        Assert.Contains("True [1, 2] True", await RunAsync(1, epoch: 1, Look), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_hand_over_is_given_up_the_old_one_goes_on_alone_however_far_it_had_come(bool wasDone)
    {
        Start(1, StandbyMode.StandbyHot, PeerStanding.PeerStays);
        await ReadyAsync(1);
        await RunAsync(1, epoch: 1, Make);
        await JoinAsync(StandbyMode.StandbyHot);
        if (wasDone)
        {
            HandOver();
            await AloneAsync(2);   // but nobody heard of that in time
        }
        else
        {
            Tell(1, (1, PeerStanding.PeerLeaves), (2, PeerStanding.PeerStays));
            await EndAgentAsync(2);
        }

        Tell(1, (1, PeerStanding.PeerStays));
        Assert.Contains("True [1, 2] True", await RunAsync(1, epoch: 1, Look), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_old_one_comes_back_after_the_hand_over_was_given_up_it_has_everything()
    {
        Start(1, StandbyMode.StandbyHot, PeerStanding.PeerStays);
        var before = await ReadyAsync(1);
        await RunAsync(1, epoch: 1, Make);
        await JoinAsync(StandbyMode.StandbyHot);
        HandOver();
        await AloneAsync(2);
        await EndAgentAsync(2);
        await agents[1].RestartAsync();
        Start(1, StandbyMode.StandbyHot, PeerStanding.PeerStays);
        await agents[1].Silo.Reports.NextAsync("replica 1 is back", r => r.Replica == ReplicaOf(1) && r.Phase == ReplicaPhase.ReplicaReady && r.ProcessId != before.ProcessId);
        Assert.Contains("True [1, 2] True", await RunAsync(1, epoch: 2, Look), StringComparison.Ordinal);
    }

    /// <summary>The second replica comes up beside the first, and has everything.</summary>
    private async Task JoinAsync(StandbyMode standby)
    {
        Start(2, standby, PeerStanding.PeerStays, PeerStanding.PeerJoins);
        Tell(1, (1, PeerStanding.PeerStays), (2, PeerStanding.PeerJoins));
        await ReadyAsync(2);
    }

    private void HandOver()
    {
        Tell(1, (1, PeerStanding.PeerLeaves), (2, PeerStanding.PeerStays));
        Tell(2, (1, PeerStanding.PeerLeaves), (2, PeerStanding.PeerStays));
    }

    private void Start(int number, StandbyMode standby, params PeerStanding[] standings)
    {
        var order = agents[number].StartOrder(ReplicaOf(number), 1);
        order.Standby = standby;
        order.Founders.Add(1);
        order.Peers.Add(standings.Select((standing, i) => PeerOf(i + 1, standing)));
        agents[number].Silo.Order(new() { Start = order });
    }

    private void Tell(int number, params (int Number, PeerStanding Standing)[] peers)
    {
        var order = new SetPeers { Replica = ReplicaOf(number) };
        order.Peers.Add(peers.Select(peer => PeerOf(peer.Number, peer.Standing)));
        agents[number].Silo.Order(new() { Peers = order });
    }

    private Peer PeerOf(int number, PeerStanding standing) =>
        new() { Replica = ReplicaOf(number), Server = $"agent-{number}", Address = agents[number].DataAddress.ToString(), Standing = standing };

    private Task<ReplicaReport> ReadyAsync(int number) => agents[number].Silo.ReplicaAsync(ReplicaOf(number), ReplicaPhase.ReplicaReady);

    private Task<ReplicaReport> AloneAsync(int number) =>
        agents[number].Silo.Reports.NextAsync($"replica {number} is alone", r => r.Alone && r.Replica == ReplicaOf(number));

    private async Task EndAgentAsync(int number)
    {
        _ended.Add(number);
        await agents[number].EndAsync();
    }

    private string ReplicaOf(int number) => $"{_kernel}/{number}";

    private async Task<string> RunAsync(int number, long epoch, string code)
    {
        var gateway = await FakeGateway.DialAsync(agents[number].DataAddress, agents[number].Key);
        _gateways.Add(gateway);
        await gateway.AttachAsync(ReplicaOf(number));
        var cell = gateway.Stage(ReplicaOf(number), code + "\nprint('<end>')");
        agents[number].Run(ReplicaOf(number), cell, ++_execution, epoch);
        await gateway.ReplyAsync(cell);
        return await gateway.PrintedAsync(cell, "<end>");
    }
}
