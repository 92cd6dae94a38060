namespace Notebook.Grains.Policies;

/// <summary>Different servers, those with the fewest promised GPUs first; then fewest replicas, least CPU in use, and id.</summary>
public sealed class LeastLoadedPlacement : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "least-loaded";

    /// <inheritdoc/>
    public PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers)
    {
        // One pass that keeps the best few: there may be a thousand servers, and three are wanted.
        var best = new List<PlacementServer>(count + 1);
        foreach (var server in servers)
        {
            var at = best.Count;
            while (at > 0 && IsBefore(server, best[at - 1])) at--;
            if (at >= count) continue;
            best.Insert(at, server);
            if (best.Count > count) best.RemoveAt(count);
        }

        return new([.. best.Select(s => s.Server)], $"{best.Count} of {count} wanted, least loaded of {servers.Length} servers");
    }

    private static bool IsBefore(PlacementServer one, PlacementServer other)
    {
        if (one.PromisedGpus != other.PromisedGpus) return one.PromisedGpus < other.PromisedGpus;
        if (one.Replicas != other.Replicas) return one.Replicas < other.Replicas;
        if (one.Load.CpuShare != other.Load.CpuShare) return one.Load.CpuShare < other.Load.CpuShare;
        return string.CompareOrdinal(one.Server.Value, other.Server.Value) < 0;
    }
}
