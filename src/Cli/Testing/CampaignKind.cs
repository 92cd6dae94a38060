using System.Collections.Immutable;

namespace Notebook.Cli.Testing;

/// <summary>A simulation that many seeds can be run of.</summary>
/// <param name="Name">What stands behind <c>notebook test</c>, and what the campaign's process is told.</param>
/// <param name="Tests">In the names of the test projects that belong to it.</param>
/// <param name="Description">The command, in one line.</param>
/// <param name="Seeds">What its option <c>--seeds</c> does.</param>
internal sealed record CampaignKind(string Name, string Tests, string Description, string Seeds)
{
    /// <summary>The Raft core under faults of network, disks and servers.</summary>
    public static readonly CampaignKind Raft = new(
        "raft", "Raft",
        "A campaign of the Raft simulation: many seeds, until one fails.",
        "How many seeds; each runs on a store in memory and on the production store. Without it: the tests of Raft.");

    /// <summary>All grains under faults of silo, servers, storage and calls.</summary>
    public static readonly CampaignKind Simulation = new(
        "simulation", "Simulator",
        "A campaign of hours under faults in virtual time: many seeds, until one fails.",
        "How many seeds; each is two hours of sessions in which things go wrong. Without it: the tests of the simulator.");

    /// <summary>All there are.</summary>
    public static readonly ImmutableArray<CampaignKind> All = [Raft, Simulation];
}
