using System.Collections.Immutable;
using Notebook.Contracts;
using Notebook.Contracts.Policies;

namespace Samples.Policies;

/// <summary>
/// Puts a kernel's replicas where most host memory is free, for clusters whose users hold large tables in memory between
/// their cells. A server with too little for what the kernel asks for comes last, but is not left out: memory that is in use
/// now may be free when the cell runs.
/// </summary>
public sealed class FreeMemoryPlacement : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "free-memory";

    /// <inheritdoc/>
    public string Description => "most free host memory first, then fewest replicas, id";

    /// <inheritdoc/>
    public PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers)
    {
        ImmutableArray<ServerId> chosen =
        [
            .. servers
                .OrderByDescending(server => FreeMb(server) >= resources.MemoryMb)
                .ThenByDescending(FreeMb)
                .ThenBy(server => server.Replicas)
                .ThenBy(server => server.Server.Value, StringComparer.Ordinal)
                .Take(count)
                .Select(server => server.Server),
        ];
        var least = servers.Where(server => chosen.Contains(server.Server)).Select(FreeMb).DefaultIfEmpty().Min();
        return new PlacementDecision(chosen, $"at least {least} MB are free on each");
    }

    private static long FreeMb(PlacementServer server) => server.Load.MemoryTotalMb - server.Load.MemoryUsedMb;
}
