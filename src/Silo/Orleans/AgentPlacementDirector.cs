using Microsoft.Extensions.Logging;
using Notebook.Contracts;
using Notebook.Grains.Placement;
using Npgsql;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Notebook.Silo.Placement;

/// <summary>
/// Activates a server's grain and its replicas' grains on the silo that holds the connection of the server's agent.
/// The key of a server's grain is the server; the caller of a replica's grain names the server beside the call
/// (<see cref="ServerHint"/>). Where neither is known, or that silo is gone, the caller's silo takes the grain: the
/// agent's next connection brings it to the right one (<see cref="AgentArrivals"/>).
/// </summary>
internal sealed partial class AgentPlacementDirector(
    AgentConnections connections, IGrainFactory grains, ILogger<AgentPlacementDirector> log) : IPlacementDirector
{
    private readonly Lazy<GrainType> _serverGrain = new(() => grains.GetGrain<IGpuServerGrain>("any").GetGrainId().Type);

    /// <inheritdoc/>
    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (ServerOf(target) is { } server && await FindAsync(server) is { } silo && silos.Contains(silo)) return silo;
        return silos.Contains(context.LocalSilo) ? context.LocalSilo : silos.Min()!;
    }

    private string? ServerOf(PlacementTarget target) =>
        target.GrainIdentity.Type == _serverGrain.Value
            ? target.GrainIdentity.Key.ToString()
            : target.RequestContextData?.GetValueOrDefault(ServerHint.Key) as string;

    private async Task<SiloAddress?> FindAsync(string server)
    {
        try
        {
            return await connections.FindAsync(server, CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            LogNotFound(server, e.Message);   // a grain somewhere is better than none
            return null;
        }
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Warning, Message = "Cannot look up the silo of server {Server}: {Reason}")]
    private partial void LogNotFound(string server, string reason);
}
