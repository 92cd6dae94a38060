namespace Notebook.Grains.Replicas;

/// <summary>What is stored of a replica; everything else is asked of its agent.</summary>
[GenerateSerializer, Alias("notebook.replica-record")]
internal sealed record ReplicaRecord
{
    /// <summary>What its process is to be; null when there is no such replica.</summary>
    [Id(0)]
    public ReplicaAssignment? Assignment { get; init; }

    /// <summary>Whether its agent has had it up: then the agent has promised things to the kernel's Raft group, and must still know them.</summary>
    [Id(1)]
    public bool HasLog { get; init; }
}
