using Notebook.Cli.Testing;
using Notebook.Raft.Tests.Simulation;

namespace Notebook.Campaigns;

/// <summary>Seeds of the Raft simulation.</summary>
internal static class RaftSeeds
{
    /// <summary>Runs one seed. Null when it passed; else what tells its failure, which runs it again for its last events.</summary>
    public static Func<CampaignFailure>? Check(int seed) => Campaign.Check(seed) is { } failure
        ? () => new CampaignFailure(failure.Seed, failure.Simulation, failure.Checker, failure.Found, failure.Story())
        : null;
}
