namespace Notebook.Grains.Tests.Scenarios;

/// <summary>The agents of a kernel's replicas are told where to find each other, and when that changes.</summary>
public sealed class PeerScenarios
{
    [Fact]
    public async Task A_replica_starts_with_the_addresses_of_all()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var starts = cluster.Agents.Log.Select(e => e.Command).OfType<AgentCommand.StartReplica>().ToArray();
        var expected = (await kernel.View())!.Replicas.Select(r => new ReplicaPeer(r.Id, r.Server, $"ws://{r.Server}/")).ToArray();
        Assert.Equal(3, starts.Length);
        Assert.All(starts, start => Assert.Equal(expected, start.Assignment.Peers));
        Assert.Empty(Told(cluster));
    }

    [Fact]
    public async Task An_agent_that_comes_back_elsewhere_is_made_known_to_the_others()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        cluster.Agents["b"].Address = "ws://b-elsewhere/";
        await cluster.Agents.ConnectAsync("b", bootId: "boot-2");
        foreach (var server in (string[])["a", "b", "c"])
            await UntilToldAsync(cluster, server, kernel, "ws://a/", "ws://b-elsewhere/", "ws://c/");
    }

    [Fact]
    public async Task An_agent_that_was_away_is_told_again_when_it_reconnects()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await cluster.Agents.DisconnectAsync("a");
        cluster.Agents["b"].Address = "ws://b-elsewhere/";
        await cluster.Agents.ConnectAsync("b", bootId: "boot-2");
        await UntilToldAsync(cluster, "c", kernel, "ws://a/", "ws://b-elsewhere/", "ws://c/");
        Assert.DoesNotContain(Told(cluster), told => told.Server == "a");
        await cluster.Agents.ConnectAsync("a");
        await UntilToldAsync(cluster, "a", kernel, "ws://a/", "ws://b-elsewhere/", "ws://c/");
    }

    [Fact]
    public async Task A_new_replica_is_made_known_to_the_others()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: ["a", "b"]);
        var kernel = await cluster.StartKernelAsync();
        await cluster.Agents.ConnectAsync("c");
        foreach (var server in (string[])["a", "b"]) await UntilToldAsync(cluster, server, kernel, "ws://a/", "ws://b/", "ws://c/");
        var start = cluster.Agents.Log.Select(e => e.Command).OfType<AgentCommand.StartReplica>().Last(s => s.Assignment.Server.Value == "c");
        Assert.Equal(["ws://a/", "ws://b/", "ws://c/"], start.Assignment.Peers.Select(p => p.Address).Order());
    }

    [Fact]
    public async Task After_a_restart_of_the_silo_the_addresses_are_as_before()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);
        foreach (var server in (string[])["a", "b", "c"]) await UntilToldAsync(cluster, server, kernel, "ws://a/", "ws://b/", "ws://c/");
        Assert.All(Told(cluster), told => Assert.Equal(["ws://a/", "ws://b/", "ws://c/"], told.Peers.Select(p => p.Address).Order()));
    }

    private static IEnumerable<(string Server, ImmutableArray<ReplicaPeer> Peers)> Told(GrainCluster cluster) =>
        cluster.Agents.Log
            .Where(e => e.Command is AgentCommand.SetPeers)
            .Select(e => (e.Server.Value, ((AgentCommand.SetPeers)e.Command).Peers));

    /// <summary>The last that the agent was told of its replica's peers is where the kernel's replicas are.</summary>
    private static Task UntilToldAsync(GrainCluster cluster, string server, IKernelGrain kernel, params string[] addresses) =>
        GrainCluster.UntilAsync(
            async () => Told(cluster).LastOrDefault(told => told.Server == server) is { Peers: { IsDefault: false } peers }
                && peers.Select(p => p.Address).Order().SequenceEqual(addresses)
                && (await kernel.View())!.Replicas.Select(r => r.Id).ToHashSet().SetEquals(peers.Select(p => p.Replica)),
            $"{server} is told {string.Join(", ", addresses)}",
            () => string.Join('\n', Told(cluster).Select(told => $"{told.Server}: {string.Join(", ", told.Peers)}")));
}
