using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Tests.Policies;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>The control plane says how many processes each agent keeps warm.</summary>
public sealed class PrewarmScenarios
{
    private static readonly ServerLoad s_quiet = new(0, 0, 0, 0);
    private static readonly ServerLoad s_busy = s_quiet with
    {
        Pool = new PoolLoad(1, Hits: 50, Misses: 10, StartTime: TimeSpan.FromSeconds(0.1), HoldingTime: TimeSpan.FromSeconds(0.5), ProcessMemoryMb: 0),
    };

    [VirtualTimeFact]
    public async Task An_agent_is_told_at_its_connection_every_thirty_seconds_and_when_it_comes_back()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, policies: PolicyCatalog.BuiltIn.Plan(["prewarm=fixed:4"]), servers: ["a"]);
        Assert.Equal([4], Orders(cluster));
        Assert.Equal("fixed at 4", (await cluster.Agents.Grain(new ServerId("a")).View())!.PoolReason);

        await PassAsync(cluster, clock, s_quiet);
        await GrainCluster.UntilAsync(() => Task.FromResult(Orders(cluster).Length == 2), "it is told again");
        await cluster.Agents.DisconnectAsync("a");
        await PassAsync(cluster, clock, s_quiet);
        Assert.Equal([4, 4], Orders(cluster));
        await cluster.Agents.ConnectAsync("a", bootId: "boot-2");
        Assert.Equal([4, 4, 4], Orders(cluster));
    }

    [VirtualTimeFact]
    public async Task Littles_law_counts_what_the_agent_measures()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, policies: PolicyCatalog.BuiltIn.Plan(["prewarm=littles-law"]), servers: ["a"]);
        Assert.Equal([1], Orders(cluster));
        var server = cluster.Agents.Grain(new ServerId("a"));
        await PassAsync(cluster, clock, s_busy);   // 60 starts in 30 s, each away for 0.5 s
        await GrainCluster.UntilAsync(() => Task.FromResult(Orders(cluster) is [1, 4]), "a larger pool");
        Assert.StartsWith("2 starts a second", (await server.View())!.PoolReason, StringComparison.Ordinal);
        for (var window = 2; window <= 21; window++)
        {
            await PassAsync(cluster, clock, s_busy);
            await GrainCluster.UntilAsync(() => Task.FromResult(Orders(cluster).Length > window), $"it is told in window {window}");
        }

        Assert.Equal(1, Orders(cluster)[^1]);
    }

    [Fact]
    public async Task Unless_said_otherwise_agents_keep_what_they_were_started_with()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: ["a"]);
        Assert.Equal([null], Orders(cluster));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_policy_that_fails_leaves_it_to_the_agents(bool throws)
    {
        await using var cluster = await GrainCluster.StartAsync(policies: TestPlugins.Plan(PolicyKinds.Prewarm, new Broken(throws)));
        Assert.All(Orders(cluster), size => Assert.Null(size));
        await cluster.StartKernelAsync();
    }

    private static int?[] Orders(GrainCluster cluster) =>
        [.. cluster.Agents.Log.Select(entry => entry.Command).OfType<AgentCommand.SetPool>().Select(order => order.Size)];

    /// <summary>Half a minute, with the signs of life without which a server is given up.</summary>
    private static async Task PassAsync(GrainCluster cluster, ManualTimeProvider clock, ServerLoad load)
    {
        var server = cluster.Agents.Grain(new ServerId("a"));
        for (var n = 0; n < 3; n++)
        {
            await server.Heartbeat(load);
            await server.Release(new KernelId("none"), 0);   // an answer after the heartbeat, which has none
            await cluster.AdvanceAsync(TimeSpan.FromSeconds(10));
            await server.Release(new KernelId("none"), 0);
        }
    }

    private sealed class Broken(bool throws) : IPrewarmPolicy
    {
        public string Name => "broken";

        public PrewarmDecision Size(DateTimeOffset now, PrewarmServer server) =>
            throws ? throw new NotSupportedException("no idea") : new(-1, "less than nothing");
    }
}
