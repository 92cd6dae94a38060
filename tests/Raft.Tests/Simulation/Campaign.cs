namespace Notebook.Raft.Tests.Simulation;

/// <summary>What a campaign of the Raft simulation runs with each seed.</summary>
internal static class Campaign
{
    /// <summary>Runs one seed in all simulations; null when no rule was broken.</summary>
    public static SeedFailure? Check(int seed)
    {
        foreach (var kind in SimulationKind.All)
            if (kind.FailureOf(seed) is { } failure) return failure;
        return null;
    }
}
