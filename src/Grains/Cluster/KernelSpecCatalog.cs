namespace Notebook.Grains.Cluster;

/// <summary>The kernelspecs of all servers together.</summary>
internal static class KernelSpecCatalog
{
    /// <summary>What a launcher starts when it says nothing, where it is there.</summary>
    public const string Preferred = "python3";

    /// <summary>One for each name, the default first, the others by name. Of several the one of the first server counts.</summary>
    public static ImmutableArray<KernelSpecInfo> Of(IEnumerable<KnownServer> servers) =>
    [
        .. servers
            .SelectMany(s => s.Specs)
            .DistinctBy(s => s.Name)
            .OrderByDescending(s => s.Name == Preferred)
            .ThenBy(s => s.Name, StringComparer.Ordinal),
    ];
}
