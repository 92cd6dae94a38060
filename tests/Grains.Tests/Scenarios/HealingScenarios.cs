namespace Notebook.Grains.Tests.Scenarios;

/// <summary>A replica whose copy of the state is damaged is given up, and another one takes its place on the same server.</summary>
public sealed class HealingScenarios
{
    [Fact]
    public async Task A_new_replica_takes_the_place_of_the_damaged_one_on_its_server()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var damaged = await DamageAsync(cluster, kernel, "c");
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.Replicas.Length == 3 && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready) && v.Replicas.All(r => r.Id != damaged.Id), "it is healed");
        Assert.Equal(4, after.Replicas.Single(r => r.Server.Value == "c").Id.Number);
        var orders = cluster.Agents.Log.Where(e => e.Server.Value == "c").Select(e => e.Command).ToList();
        var stop = orders.FindIndex(command => command is AgentCommand.StopReplica stop && stop.Replica == damaged.Id);
        var start = orders.FindIndex(command => command is AgentCommand.StartReplica { HasLog: false } start && start.Replica.Number == 4);
        Assert.True(stop >= 0 && stop < start, string.Join('\n', orders));
        Assert.DoesNotContain(orders.Skip(start), command => command is AgentCommand.StartReplica again && again.Replica == damaged.Id);
    }

    [Fact]
    public async Task Nothing_is_given_up_while_the_others_are_no_majority()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        cluster.Agents.StartsProcesses = false;
        var other = (await kernel.View())!.Replicas.Single(r => r.Server.Value == "b");
        cluster.Agents["b"].Kill(other.Id);
        await GrainCluster.UntilAsync(kernel, v => v.Replicas.Count(r => r.Phase == ReplicaPhase.Ready) == 2, "one is lost");
        var damaged = await DamageAsync(cluster, kernel, "c");
        await GrainCluster.UntilAsync(kernel, v => v.Replicas.Single(r => r.Id == damaged.Id) is { Phase: ReplicaPhase.Stopped, IsDamaged: true }, "it is shown as damaged");

        cluster.Agents.StartsProcesses = true;
        cluster.Agents["b"].Report(new ReplicaReport(other.Id, other.Incarnation, ReplicaPhase.Ready, 4711, null, null));
        await GrainCluster.UntilAsync(
            kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready) && v.Replicas.All(r => r.Id != damaged.Id), "it is healed once the others are two");
        Assert.Contains(cluster.Agents.Log, e => e.Command is AgentCommand.StopReplica stop && stop.Replica == damaged.Id);
    }

    private static async Task<ReplicaView> DamageAsync(GrainCluster cluster, IKernelGrain kernel, string server)
    {
        var replica = (await kernel.View())!.Replicas.Single(r => r.Server.Value == server);
        cluster.Agents[server].Report(new ReplicaReport(replica.Id, replica.Incarnation, ReplicaPhase.Stopped, 0, "its log is damaged", null) { IsDamaged = true });
        return replica;
    }
}
