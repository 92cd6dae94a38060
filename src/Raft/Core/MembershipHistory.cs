namespace Notebook.Raft;

/// <summary>
/// The memberships that the log holds, each from the index of its entry on. The newest is in force as soon as it is in
/// the log, committed or not; when its entry is replaced, the one before it is in force again. Older ones are kept for
/// as long as a snapshot may be made at their indexes.
/// </summary>
internal sealed class MembershipHistory
{
    private (long Index, Membership Membership)[] _changes;

    /// <summary>Begins with the membership at an index: of a snapshot, or nobody.</summary>
    public MembershipHistory(long index, Membership membership) => _changes = [(index, membership)];

    /// <summary>The membership in force.</summary>
    public Membership Current => _changes[^1].Membership;

    /// <summary>The entry that brought it.</summary>
    public long CurrentIndex => _changes[^1].Index;

    /// <summary>The membership in force after the entry at an index that is not before the first one's.</summary>
    public Membership At(long index) => _changes.Last(change => change.Index <= index).Membership;

    /// <summary>A new one entered the log.</summary>
    public void Add(long index, Membership membership) => _changes = [.. _changes, (index, membership)];

    /// <summary>The log's entries from an index on were replaced.</summary>
    public void RemoveFrom(long index)
    {
        if (CurrentIndex >= index) _changes = [.. _changes.Where(change => change.Index < index)];
    }

    /// <summary>A snapshot from the leader replaced the log.</summary>
    public void RestartAt(long index, Membership membership) => _changes = [(index, membership)];

    /// <summary>Nobody will ask for indexes before this one any more.</summary>
    public void Forget(long before)
    {
        var first = Array.FindLastIndex(_changes, change => change.Index <= before);
        if (first > 0) _changes = _changes[first..];
    }
}
