using System.Collections.Immutable;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>One of the ways in which each seed is run.</summary>
/// <param name="Name">For reports.</param>
/// <param name="NewStore">Makes a server's store.</param>
/// <param name="Adjust">Leads runs to what most seeds would need very long to come upon; null leaves chance alone.</param>
internal sealed record SimulationKind(string Name, Func<Random, ISimulatedStore> NewStore, Func<Knobs, Knobs>? Adjust = null)
{
    public const string InMemory = "in-memory store";
    public const string Production = "production store";
    public const string Figure8 = "in-memory store, towards figure 8";
    public const string TornWrites = "in-memory store, towards torn writes";

    /// <summary>All of them.</summary>
    public static ImmutableArray<SimulationKind> All { get; } =
    [
        new(InMemory, _ => new MemoryStore()),
        new(Production, random => new ProductionStore(random)),
        new(Figure8, _ => new MemoryStore(), knobs => knobs.TowardsFigure8()),
        new(TornWrites, _ => new MemoryStore(), knobs => knobs.TowardsTornWrites()),
    ];

    public static SimulationKind Of(string name) => All.Single(kind => kind.Name == name);

    /// <summary>Runs a seed. The same seed runs the same way each time.</summary>
    public RunResult Run(int seed, Mutation? mutation = null, bool keepsTrace = false) =>
        SimulationRun.Of(seed, mutation, NewStore, keepsTrace, Adjust);

    /// <summary>Runs a seed; null when no rule was broken.</summary>
    public SeedFailure? FailureOf(int seed, Mutation? mutation = null) =>
        Run(seed, mutation) is { Failure: not null } result ? new SeedFailure(this, result, mutation) : null;
}
