namespace Notebook.Grains.Kernels;

/// <summary>The move of a replica to another server. Stored, so that a crash neither forgets it nor leaves four replicas for ever.</summary>
/// <param name="From">The replica that is to go.</param>
/// <param name="To">The one that is to take its place.</param>
/// <param name="Target">Where that one comes up.</param>
/// <param name="Since">When it began.</param>
/// <param name="Reason">Why.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-move")]
internal sealed record ReplicaMove(
    [property: Id(0)] ReplicaId From,
    [property: Id(1)] ReplicaId To,
    [property: Id(2)] ServerId Target,
    [property: Id(3)] DateTimeOffset Since,
    [property: Id(4)] string Reason)
{
    /// <summary>How long the new replica may take to come up and catch up.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>For operators.</summary>
    public MoveView View => new(From, Target, Since, Reason);
}
