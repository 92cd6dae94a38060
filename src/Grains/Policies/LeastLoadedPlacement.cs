namespace Notebook.Grains.Policies;

/// <summary>Different servers, those with the fewest promised GPUs first; then fewest replicas, least CPU in use, and id.</summary>
public sealed class LeastLoadedPlacement : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "least-loaded";

    /// <inheritdoc/>
    public PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers)
    {
        ImmutableArray<ServerId> chosen = [.. servers.Take(count).Select(s => s.Server)];   // they come in this order
        return new(chosen, $"{chosen.Length} of {count} wanted, least loaded of {servers.Length} servers");
    }
}
