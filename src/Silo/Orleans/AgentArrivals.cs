using Notebook.Contracts;
using Notebook.Grains.Placement;
using Orleans;
using Orleans.Core.Internal;
using Orleans.Runtime;

namespace Notebook.Silo.Placement;

/// <summary>
/// What happens when an agent connects to this silo: the silo is written down as the agent's, and the server's grain
/// and those of its replicas, where they live elsewhere, are told to move. Orleans asks the placement director again
/// for the target, carries their state over, and forwards the calls that wait.
/// </summary>
internal sealed class AgentArrivals(AgentConnections connections, ILocalSiloDetails silo, IGrainFactory grains)
{
    private const int MovesAtOnce = 16;

    /// <summary>Call this before the agent's registration goes to its grain.</summary>
    public async Task BringGrainsAsync(ServerId server, CancellationToken cancel)
    {
        await connections.SetAsync(server.Value, silo.SiloAddress, cancel);
        ServerHint.Set(server);
        var grain = grains.GetGrain<IGpuServerGrain>(server.Value);
        await MoveAsync(grain);
        var replicas = await grain.View() is { } view ? view.Replicas : [];
        await Parallel.ForEachAsync(replicas, new ParallelOptions { MaxDegreeOfParallelism = MovesAtOnce, CancellationToken = cancel },
            async (replica, _) => await MoveAsync(grains.GetGrain<IReplicaGrain>(replica.Value)));
    }

    // Does nothing to a grain that is here already.
    private static async Task MoveAsync(IAddressable grain) => await grain.AsReference<IGrainManagementExtension>().MigrateOnIdle();
}
