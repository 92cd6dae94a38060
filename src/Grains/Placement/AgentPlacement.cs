using Orleans.Placement;

namespace Notebook.Grains.Placement;

/// <summary>
/// Puts a grain on the silo that holds the connection of its server's agent, so that orders and reports need no second
/// hop. One silo serves them all in the embedded host, which accepts this and does nothing; on Orleans a director reads it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AgentPlacementAttribute() : PlacementAttribute(new AgentPlacementStrategy());

/// <summary>See <see cref="AgentPlacementAttribute"/>.</summary>
[GenerateSerializer, Immutable]
public sealed class AgentPlacementStrategy : PlacementStrategy;
