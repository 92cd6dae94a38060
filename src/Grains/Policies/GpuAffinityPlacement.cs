namespace Notebook.Grains.Policies;

/// <summary>
/// Kernels that ask for the same number of GPUs on the same servers, so that small ones do not nibble at servers that large ones
/// need whole: first servers of its own kind with GPUs free for it, then empty ones, then its kind's full ones, then the others;
/// among equals as <see cref="LeastLoadedPlacement"/> does.
/// </summary>
public sealed class GpuAffinityPlacement : IPlacementPolicy
{
    private readonly LeastLoadedPlacement _within = new();

    /// <inheritdoc/>
    public string Name => "gpu-affinity";

    /// <inheritdoc/>
    public PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers)
    {
        var chosen = ImmutableArray.CreateBuilder<ServerId>(count);
        foreach (var rank in servers.GroupBy(s => Rank(s, resources.Gpus)).OrderBy(g => g.Key))
            chosen.AddRange(_within.Place(resources, count - chosen.Count, [.. rank]).Servers);
        return new(chosen.DrainToImmutable(),
            $"{servers.Count(s => IsOfKind(s, resources.Gpus))} of {servers.Length} servers hold kernels of {resources.Gpus} GPUs alone");
    }

    private static int Rank(PlacementServer server, int gpus) =>
        IsOfKind(server, gpus) ? server.IdleGpus >= gpus ? 0 : 2
        : server.Replicas == 0 ? 1
        : 3;

    /// <summary>Whether all that is placed there asks for this many, as far as the sum can tell.</summary>
    private static bool IsOfKind(PlacementServer server, int gpus) => server.Replicas > 0 && server.PromisedGpus == server.Replicas * gpus;
}
