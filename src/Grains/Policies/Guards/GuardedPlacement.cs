namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's placement, which names servers that were offered, each once, and at least one where there is one.</summary>
internal sealed class GuardedPlacement(IPlacementPolicy plugin, IPlacementPolicy builtIn, PolicyGuard guard) : IPlacementPolicy
{
    public string Name => guard.Name;

    public PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers) => guard.Decide(
        () => plugin.Place(resources, count, servers),
        decision => decision switch
        {
            null => "it is null",
            { Servers.IsDefault: false } when decision.Servers.Length > count => $"it names {decision.Servers.Length} servers, {count} were asked for",
            { Servers: { IsDefault: false, IsEmpty: true } } when count > 0 && !servers.IsEmpty => $"it names no server of {servers.Length}",
            _ => Nonsense.InChoice("server", decision.Servers, servers.Select(s => s.Server)),
        },
        () => Instead(builtIn.Place(resources, count, servers)));

    private PlacementDecision Instead(PlacementDecision decision) => decision with { Reason = guard.Instead(decision.Reason) };
}
