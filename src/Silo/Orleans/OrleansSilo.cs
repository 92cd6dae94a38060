using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notebook.Grains.Placement;
using Notebook.Hosting;
using Notebook.Silo.Placement;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace Notebook.Silo;

/// <summary>Where a silo is found, and which cluster it belongs to.</summary>
/// <param name="Cluster">The cluster that it joins, and the database that the cluster shares.</param>
/// <param name="Name">Its name in the cluster.</param>
/// <param name="AdvertisedAddress">Where other silos and gateways reach it; null for this machine's own address.</param>
/// <param name="SiloPort">For other silos.</param>
/// <param name="GatewayPort">For gateways.</param>
internal sealed record OrleansSiloSettings(
    OrleansCluster Cluster, string Name, IPAddress? AdvertisedAddress, int SiloPort, int GatewayPort);

/// <summary>Orleans as this platform uses it: everything that is kept is in PostgreSQL.</summary>
internal static class OrleansSilo
{
    /// <summary>Sets the silo up. Its tables are made by <see cref="Storage.PostgresSchema"/>.</summary>
    public static ISiloBuilder UsePostgres(this ISiloBuilder silo, OrleansSiloSettings settings)
    {
        var cluster = settings.Cluster;
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Id, cluster.Id));
        silo.Configure<Orleans.Configuration.SiloOptions>(o => o.SiloName = settings.Name);
        if (settings.AdvertisedAddress is { } address) silo.ConfigureEndpoints(address, settings.SiloPort, settings.GatewayPort);
        else silo.ConfigureEndpoints(settings.SiloPort, settings.GatewayPort);

        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (OrleansCluster.Invariant, cluster.ConnectionString));
        silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (OrleansCluster.Invariant, cluster.ConnectionString));
        silo.AddAdoNetGrainStorageAsDefault(o => o.Configure<Serializer>((storage, serializer) =>
        {
            (storage.Invariant, storage.ConnectionString) = (OrleansCluster.Invariant, cluster.ConnectionString);
            storage.DeleteStateOnClear = true;   // a cleared state is gone, as in the embedded host
            storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
        }));

        // A silo that was killed is to be noticed in seconds: its agents have long dialled another one by then.
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.NumMissedProbesLimit = 3;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });

        // The older directory ends every activation that was registered at a silo that died; this one moves the entries.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

        silo.AddPlacementDirector<AgentPlacementStrategy, AgentPlacementDirector>();
        silo.Services.AddSingleton(NpgsqlDataSource.Create(cluster.ConnectionString));
        silo.Services.AddSingleton(services =>
            new AgentConnections(services.GetRequiredService<NpgsqlDataSource>(), cluster.Id));
        silo.Services.AddSingleton<AgentArrivals>();
        return silo;
    }
}
