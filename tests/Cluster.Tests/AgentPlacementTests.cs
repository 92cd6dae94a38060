using Notebook.Contracts;
using Notebook.Grains.Placement;
using Notebook.Silo.Storage;

namespace Notebook.Cluster.Tests;

/// <summary>On true Orleans, two silos and a real PostgreSQL: where the grains of servers and replicas live.</summary>
public sealed class AgentPlacementTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    private static readonly ServerId s_server = new("agent-1");
    private static readonly ReplicaId s_replica = ReplicaId.Of(new KernelId("11111111-1111-1111-1111-111111111111"), 1);

    [PostgresFact]
    public async Task A_servers_grain_is_activated_where_its_agent_is_connected()
    {
        await using var cluster = await TwoSilos.StartAsync(postgres);
        foreach (var (home, other) in cluster.BothWays())
        {
            var server = new ServerId($"agent-at-{home.Address}");
            await home.Arrivals.BringGrainsAsync(server, default);
            var grain = other.Grains.GetGrain<IGpuServerGrain>(server.Value);
            await grain.View();
            Assert.Equal(home.Address, await other.WhereAsync(grain));
        }
    }

    [PostgresFact]
    public async Task A_replicas_grain_is_activated_where_the_agent_of_the_server_that_the_caller_names_is_connected()
    {
        await using var cluster = await TwoSilos.StartAsync(postgres);
        foreach (var (home, other) in cluster.BothWays())
        {
            var server = new ServerId($"agent-at-{home.Address}");
            await home.Arrivals.BringGrainsAsync(server, default);
            ServerHint.Set(server);
            var grain = other.Grains.GetGrain<IReplicaGrain>($"kernel/{home.Address.Endpoint.Port}");
            await grain.Interrupt();
            Assert.Equal(home.Address, await other.WhereAsync(grain));
        }
    }

    [PostgresFact]
    public async Task Grains_follow_their_agent_to_another_silo_with_their_state()
    {
        await using var cluster = await TwoSilos.StartAsync(postgres);
        var (first, second) = (cluster.First, cluster.Second);
        await first.Arrivals.BringGrainsAsync(s_server, default);
        var server = first.Grains.GetGrain<IGpuServerGrain>(s_server.Value);
        await server.Place(s_replica, new ResourceAmounts(1, 0, 0, 0));
        await server.Connected(new ServerRegistration(s_server, "boot", 1, "ws://127.0.0.1:1/",
            [new GpuInfo(0, "GPU-0", "simulated", "Simulated", 1024)], [], new ServerLoad(0, 0, 0, 0), []));
        ServerHint.Set(s_server);
        var replica = first.Grains.GetGrain<IReplicaGrain>(s_replica.Value);
        await replica.Interrupt();
        Assert.Equal(first.Address, await first.WhereAsync(server));
        Assert.Equal(first.Address, await first.WhereAsync(replica));

        await second.Arrivals.BringGrainsAsync(s_server, default);

        // Calls that come while a grain moves wait for it, so these reach the new activation.
        await replica.Interrupt();
        Assert.Equal(s_replica, Assert.Single((await server.View())!.Replicas));
        Assert.Equal(second.Address, await first.WhereAsync(server));
        Assert.Equal(second.Address, await first.WhereAsync(replica));
    }

    private sealed record TwoSilos(SiloProcess First, SiloProcess Second) : IAsyncDisposable
    {
        public static async Task<TwoSilos> StartAsync(PostgresServer postgres)
        {
            var database = await postgres.NewDatabaseAsync();
            await PostgresSchema.EnsureAsync(database, default);
            return new TwoSilos(await SiloProcess.StartAsync("first", database), await SiloProcess.StartAsync("second", database));
        }

        public IEnumerable<(SiloProcess Home, SiloProcess Other)> BothWays() => [(First, Second), (Second, First)];

        public async ValueTask DisposeAsync()
        {
            await Second.DisposeAsync();
            await First.DisposeAsync();
        }
    }
}
