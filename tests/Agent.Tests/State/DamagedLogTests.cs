using System.Text;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.State;

/// <summary>A flipped bit in the middle of the log: the member that it concerns acts no more, and all others do.</summary>
public sealed class DamagedLogTests : IAsyncLifetime, IDisposable
{
    private readonly RunningAgent _agent = new();

    public Task InitializeAsync() => _agent.InitializeAsync();

    public Task DisposeAsync() => _agent.DisposeAsync();

    public void Dispose() => _agent.Dispose();

    [Fact]
    public async Task The_damaged_replica_says_so_and_another_one_takes_its_place_while_the_others_go_on()
    {
        var (damaged, first) = await _agent.StartReplicaAsync();
        await RunAsync(first, damaged, "needle = 'in-a-haystack'", 1, 1);
        var (well, second) = await _agent.StartReplicaAsync();
        await RunAsync(second, well, "x = 41", 1, 1);
        await RunAsync(second, well, "x += 1", 2, 1);
        await first.DisposeAsync();
        await second.DisposeAsync();
        await _agent.RestartAsync(() => Flip("in-a-haystack"));

        _agent.Silo.Order(new() { Start = Order(damaged, hasLog: true) });
        var report = await _agent.Silo.Reports.NextAsync("the replica says that it is damaged", r => r.Replica == damaged && r.Damaged);
        Assert.Equal(ReplicaPhase.ReplicaStopped, report.Phase);
        Assert.Contains("damaged", report.Reason, StringComparison.Ordinal);
        await _agent.Silo.Heartbeats.NextAsync("the operator is told", load => load.StorageFaults.Any(fault => fault.Contains(damaged, StringComparison.Ordinal)));

        var before = _agent.Silo.Reports.Unasked.Select(r => r.ProcessId).ToHashSet();
        _agent.Silo.Order(new() { Start = Order(well, hasLog: true) });
        await _agent.Silo.Reports.NextAsync("the other kernel is up", r => r.Replica == well && r.Phase == ReplicaPhase.ReplicaReady && !before.Contains(r.ProcessId));
        await using var gateway = await FakeGateway.DialAsync(_agent.DataAddress, _agent.Key);
        await gateway.AttachAsync(well);
        var cell = gateway.Stage(well, "print(x)");
        _agent.Run(well, cell, 3, epoch: 2);
        await gateway.NextAsync(cell, "stream", "42");

        // What the silo does: the number is given up, and a new one starts in its place, as a learner that nobody knows yet.
        var next = Order(damaged.Replace("/1", "/4", StringComparison.Ordinal), hasLog: false);
        next.Founders.Add(1);
        _agent.Silo.Order(new() { Stop = new() { Replica = damaged } });
        var phase = ReplicaPhase.ReplicaLost;
        while (phase == ReplicaPhase.ReplicaLost)   // until the damaged log is gone
        {
            _agent.Silo.Order(new() { Start = next });
            phase = (await _agent.Silo.Reports.NextAsync("the new replica is heard of", r => r.Replica == next.Replica)).Phase;
        }

        Assert.Equal(ReplicaPhase.ReplicaStarting, phase);
        var late = Order(damaged, hasLog: true);   // an order of before: the old member must never act again
        _agent.Silo.Order(new() { Start = late });
        var refused = await _agent.Silo.Reports.NextAsync("the old one is refused", r => r.Replica == damaged && r.Reason.Contains("has its place", StringComparison.Ordinal));
        Assert.Equal(ReplicaPhase.ReplicaStopped, refused.Phase);
        Assert.False(refused.Damaged);
    }

    private StartReplica Order(string replica, bool hasLog)
    {
        var order = _agent.StartOrder(replica, 1);
        order.HasLog = hasLog;
        return order;
    }

    private async Task RunAsync(FakeGateway gateway, string replica, string code, long execution, long epoch)
    {
        var cell = gateway.Stage(replica, code);
        _agent.Run(replica, cell, execution, epoch);
        await _agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
    }

    private void Flip(string text)
    {
        foreach (var path in Directory.GetFiles(_agent.LogFolder))
        {
            var bytes = File.ReadAllBytes(path);
            var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
            if (at < 0) continue;
            bytes[at] ^= 1;
            File.WriteAllBytes(path, bytes);
            return;
        }

        Assert.Fail($"no log holds '{text}'");
    }
}
