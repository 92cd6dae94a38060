using System.Collections.Immutable;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

/// <summary>What calls out of the runtime, so that it waits until no lock is held.</summary>
internal abstract record GroupWork
{
    private GroupWork()
    {
    }

    /// <summary>Committed entries go to the state machine.</summary>
    public sealed record Apply(ImmutableArray<Entry> Entries) : GroupWork;

    /// <summary>A snapshot goes to the state machine.</summary>
    public sealed record Restore(SnapshotInfo Info, ReadOnlyMemory<byte> Data) : GroupWork;

    /// <summary>The state machine hears of the new role.</summary>
    public sealed record Change(RoleView View) : GroupWork;

    /// <summary>The state machine hears that the log is damaged.</summary>
    public sealed record Damaged(string Reason) : GroupWork;

    /// <summary>The state machine can give a snapshot that it could not give before.</summary>
    public sealed record SnapshotReady : GroupWork;

    /// <summary>Who waited goes on.</summary>
    public sealed record Complete(Action Run) : GroupWork;
}
