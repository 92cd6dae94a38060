using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>Where a run may be broken on purpose: the core's rules, what comes out of the core, and what the store keeps. This one breaks nothing.</summary>
internal class Mutation
{
    public static Mutation None { get; } = new();

    public virtual RaftRules Rules => RaftRules.Production;

    /// <summary>Between the core and who serves it.</summary>
    public virtual Ready Change(Node node, Ready ready) => ready;

    /// <summary>Between who serves the core and the disk.</summary>
    public virtual GroupWrite Store(GroupWrite write, IGroupLog log) => write;
}
