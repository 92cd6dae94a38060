using Notebook.Hosting;
using Notebook.Links;
using Notebook.Silo.Agents;
using Notebook.Silo.Placement;
using Notebook.Silo.Storage;
using Orleans.Hosting;

namespace Notebook.Silo;

/// <summary>The grain host of the Orleans build: one silo of several, with PostgreSQL.</summary>
internal static class GrainHosting
{
    /// <summary>Adds the host.</summary>
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloSettings settings)
    {
        // Whichever silo has the grain of a server carries its operations out: a server that is one silo's child would be left
        // behind by another one, or be there twice.
        if (settings.Provisioning.Provisioner == "process")
        {
            throw new UserException(
                "--provisioner process makes servers of this silo's machine, and in the Orleans build there may be other silos: use --provision-command PROGRAM",
                ExitCodes.Usage);
        }

        var cluster = new OrleansCluster(settings.Orleans.ClusterId, ConnectionString(settings));
        builder.UseOrleans(silo => silo.UsePostgres(new OrleansSiloSettings(
            cluster, settings.Process.Self.Id, settings.Orleans.AdvertisedAddress, settings.Orleans.SiloPort, settings.Orleans.GatewayPort)));
        builder.Services.AddSingleton<AgentArriving>(services => services.GetRequiredService<AgentArrivals>().BringGrainsAsync);
        builder.Services.AddHostedService<SiloLosses>();
    }

    /// <summary>Makes the storage ready.</summary>
    public static async Task<int> InitStorageAsync(SiloSettings settings)
    {
        await Console.Out.WriteLineAsync(await PostgresSchema.EnsureAsync(ConnectionString(settings), CancellationToken.None));
        return ExitCodes.Ok;
    }

    /// <summary>Gateways reach the grains by Orleans' own protocol, so there is nothing more to serve.</summary>
    public static void AddPurposes(IServiceProvider services, Dictionary<string, Func<Link, CancellationToken, Task>> purposes)
    {
    }

    private static string ConnectionString(SiloSettings settings) => PostgresFile.Read(
        settings.PostgresFile ?? throw new UserException(
            "this silo was built for Orleans: name the file with PostgreSQL's connection string by --postgres-file", ExitCodes.Usage));
}
