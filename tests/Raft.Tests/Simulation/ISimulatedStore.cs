using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>A member's log on a disk that keeps what was synced, and after a crash some part of the rest.</summary>
internal interface ISimulatedStore
{
    /// <summary>What the member sees.</summary>
    IGroupLog Log { get; }

    /// <summary>Takes a write; it shows at once, and is durable after a sync.</summary>
    void Write(GroupWrite write);

    /// <summary>Everything written so far is durable.</summary>
    /// <param name="writes">How many of the oldest writes that are not: a sync covers what was there when it began.</param>
    void Sync(int writes);

    /// <summary>Loses what chance says of what was not synced, and recovers.</summary>
    void Crash(Random random);
}
