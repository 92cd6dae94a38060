namespace Notebook.Contracts.Policies;

/// <summary>A server as placement sees it.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Gpus">GPUs present.</param>
/// <param name="IdleGpus">GPUs that no cell holds.</param>
/// <param name="PromisedGpus">GPUs promised to replicas.</param>
/// <param name="Replicas">Replicas placed there.</param>
/// <param name="Load">How busy it is.</param>
public sealed record PlacementServer(
    ServerId Server, int Gpus, int IdleGpus, int PromisedGpus, int Replicas, ServerLoad Load)
{
    /// <summary>The order in which policies are given servers: fewest promised GPUs first, then fewest replicas, least CPU in use, and id.</summary>
    public static IComparer<PlacementServer> LeastLoadedFirst { get; } = Comparer<PlacementServer>.Create((one, other) =>
        one.PromisedGpus.CompareTo(other.PromisedGpus) is not 0 and var promised ? promised
        : one.Replicas.CompareTo(other.Replicas) is not 0 and var replicas ? replicas
        : one.Load.CpuShare.CompareTo(other.Load.CpuShare) is not 0 and var cpu ? cpu
        : string.CompareOrdinal(one.Server.Value, other.Server.Value));
}

/// <summary>Servers for a kernel's replicas, best first, and why.</summary>
/// <param name="Servers">At most as many as asked for, all different; fewer when there are not enough.</param>
/// <param name="Reason">For operators.</param>
public sealed record PlacementDecision(ImmutableArray<ServerId> Servers, string Reason);

/// <summary>Chooses the servers for a kernel's replicas. Pure: same input, same answer.</summary>
public interface IPlacementPolicy : IPolicy
{
    /// <summary>
    /// Chooses up to <paramref name="count"/> different servers of <paramref name="servers"/>: all of them can be used and are within the
    /// limits, and they are in <see cref="PlacementServer.LeastLoadedFirst"/>. There may be thousands, for each kernel that starts.
    /// </summary>
    PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers);
}
