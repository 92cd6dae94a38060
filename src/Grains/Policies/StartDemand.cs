namespace Notebook.Grains.Policies;

/// <summary>What the starts that were measured on a server mean for its pool.</summary>
internal static class StartDemand
{
    /// <summary>
    /// Starts per second: the average of all windows, or the last window alone where that had more. So a pool grows with the
    /// first burst, and shrinks only when the burst is forgotten.
    /// </summary>
    public static double Rate(PrewarmServer server) => Math.Max(
        server.StartsPerSecond,
        server.Window > TimeSpan.Zero ? server.StartsInWindow / server.Window.TotalSeconds : 0);

    /// <summary>Little's law: how many places of the pool are empty on average, which is the rate of starts times the time that a place stays empty.</summary>
    public static double Away(PrewarmServer server) => Rate(server) * server.HoldingTime.TotalSeconds;
}
