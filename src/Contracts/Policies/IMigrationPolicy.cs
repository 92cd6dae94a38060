namespace Notebook.Contracts.Policies;

/// <summary>A replica that could move, and where to.</summary>
/// <param name="Kernel">Whose replica it is.</param>
/// <param name="Amounts">What the kernel's waiting cell asks for, or may ask for; all targets have it idle where a cell waits.</param>
/// <param name="Replicas">The replicas that may move.</param>
/// <param name="Sources">Their servers, in the same order.</param>
/// <param name="Targets">Servers that could take one: up, within the limits, without a replica of this kernel.</param>
public sealed record MigrationView(
    KernelId Kernel,
    ResourceAmounts Amounts,
    ImmutableArray<MovableReplica> Replicas,
    ImmutableArray<PlacementServer> Sources,
    ImmutableArray<PlacementServer> Targets);

/// <summary>The move to make.</summary>
/// <param name="Replica">Which replica goes.</param>
/// <param name="Target">Where another comes up in its place.</param>
/// <param name="Reason">For operators.</param>
public sealed record MigrationDecision(ReplicaId Replica, ServerId Target, string Reason);

/// <summary>
/// Chooses which replica of a kernel moves where, by what has to be copied, what the target is busy with and what the source
/// gets back (NotebookOS, section 3.2.3, picks at random). Pure: same input, same answer.
/// </summary>
public interface IMigrationPolicy : IPolicy
{
    /// <summary>The move, or null to make none.</summary>
    MigrationDecision? Choose(MigrationView view);
}
