using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class MigrationPolicyTests
{
    [Fact]
    public void A_lost_replica_goes_before_all_and_the_executor_last()
    {
        Assert.Equal(3, Choose(Replica(1, executor: true), Replica(2), Replica(3, ready: false)));
        Assert.Equal(2, Choose(Replica(1, executor: true), Replica(2)));
        Assert.Equal(1, Choose(Replica(1, executor: true)));
    }

    [Fact]
    public void The_least_state_is_moved_and_of_equal_ones_that_of_the_server_under_most_pressure()
    {
        Assert.Equal(3, Choose(Replica(2, bytes: 500L << 20), Replica(3, bytes: 17L << 20)));
        Assert.Equal(4, Choose(Replica(2, bytes: 1), Replica(3), Replica(4, promised: 9)));
    }

    [Fact]
    public void The_target_has_the_fewest_idle_gpus_then_the_least_promised()
    {
        Assert.Equal("x", Target(Server("x", 2, 9), Server("y", 4, 0), Server("z", 3, 0)));
        Assert.Equal("z", Target(Server("x", 4, 8), Server("y", 4, 9), Server("z", 4, 2)));
        Assert.Equal("x", Target(Server("x", 4, 2, cpu: 0.1), Server("y", 4, 2, cpu: 0.2)));
    }

    [Fact]
    public void Without_a_replica_or_a_target_there_is_no_move()
    {
        var (replica, source) = Replica(1);
        Assert.Null(new CheapestMove().Choose(new(new("k"), default, [], [], [Server("x", 1, 0)])));
        Assert.Null(new CheapestMove().Choose(new(new("k"), default, [replica], [source], [])));
    }

    private static int Choose(params (MovableReplica Replica, PlacementServer Source)[] replicas) => new CheapestMove().Choose(
        new(new("k"), default, [.. replicas.Select(r => r.Replica)], [.. replicas.Select(r => r.Source)], [Server("x", 1, 0)]))!.Replica.Number;

    private static string Target(params PlacementServer[] targets)
    {
        var (replica, source) = Replica(1);
        return new CheapestMove().Choose(new(new("k"), default, [replica], [source], [.. targets]))!.Target.Value;
    }

    private static (MovableReplica Replica, PlacementServer Source) Replica(
        int number, bool executor = false, bool ready = true, long bytes = 0, int promised = 0) =>
        (new(ReplicaId.Of(new("k"), number), new($"s{number}"), executor, ready, bytes, null), Server($"s{number}", 0, promised));

    private static PlacementServer Server(string id, int idle, int promised, double cpu = 0) =>
        new(new(id), 8, idle, promised, 0, new ServerLoad(cpu, 0, 0, 0));
}
