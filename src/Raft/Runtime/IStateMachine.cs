using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

/// <summary>
/// What the entries of one group are applied to. The calls come one at a time and in the log's order, on whichever thread
/// learnt of the commit (also the log writer's, for which all groups wait), under no lock of the runtime: they must be
/// quick and must not block. They may call the group. An exception ends the host: the state is not known any more.
/// </summary>
public interface IStateMachine
{
    /// <summary>An entry is committed. Each is applied once in the life of this object; after a restart again, from the snapshot on.</summary>
    /// <param name="id">Its place in the log.</param>
    /// <param name="data">Its bytes; may be kept, not changed.</param>
    void Apply(EntryId id, ReadOnlyMemory<byte> data);

    /// <summary>
    /// Whether a snapshot is wanted sooner than the log's length asks for it: because entries hold on to something outside
    /// of the log. Asked after every entry.
    /// </summary>
    bool WantsToBeShort => false;

    /// <summary>
    /// How many of the last entries may be kept behind the snapshot just taken, for members that are a little behind: not
    /// those that are of no use without what the snapshot lets go.
    /// </summary>
    int KeepableEntries => int.MaxValue;

    /// <summary>The state after all that was applied, for a snapshot; null when there can be none just now.</summary>
    ReadOnlyMemory<byte>? TakeSnapshot();

    /// <summary>The state is replaced by a snapshot's.</summary>
    /// <param name="info">Up to where the snapshot goes.</param>
    /// <param name="data">What <see cref="TakeSnapshot"/> returned, here or at another member.</param>
    void Restore(SnapshotInfo info, ReadOnlyMemory<byte> data);

    /// <summary>The log was found damaged: the member takes part no more, and nothing is called after this.</summary>
    /// <param name="reason">What was found.</param>
    void Damaged(string reason)
    {
        // Who opened the group sees it in the group's view, too.
    }

    /// <summary>Term, role or leader changed.</summary>
    /// <param name="view">What holds now.</param>
    void RoleChanged(RoleView view)
    {
        // Most state machines do not care who leads.
    }
}
