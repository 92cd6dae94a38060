namespace Notebook.Raft;

/// <summary>Where an entry stands in the log, and in which term it was proposed. (0, 0) is the place before the first entry.</summary>
/// <param name="Term">The leader's term, from 1.</param>
/// <param name="Index">The place, from 1 without gaps.</param>
public readonly record struct EntryId(long Term, long Index)
{
    /// <summary>Whether a log that ends here is at least as up to date as one that ends at <paramref name="other"/> (Raft, section 5.4.1).</summary>
    public bool IsAtLeast(EntryId other) => Term > other.Term || (Term == other.Term && Index >= other.Index);

    /// <inheritdoc/>
    public override string ToString() => $"{Term}.{Index}";
}

/// <summary>What an entry is for.</summary>
public enum EntryKind : byte
{
    /// <summary>A new leader's first entry: commits what earlier terms left (Raft, section 5.4.2). Carries nothing.</summary>
    Empty = 0,

    /// <summary>Something of the state machine above; the core never looks into it.</summary>
    Data = 1,

    /// <summary>A new membership, in force from the moment it is in the log (Raft dissertation, section 4.1).</summary>
    Membership = 2,
}

/// <summary>One entry of the log. Its bytes are never changed after it was made.</summary>
/// <param name="Id">Term and index.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Data">Its bytes: the state machine's, or a membership in its wire form.</param>
public sealed record Entry(EntryId Id, EntryKind Kind, ReadOnlyMemory<byte> Data);

/// <summary>What a member must have on disk before it answers anybody (Raft, figure 2).</summary>
/// <param name="Term">The latest term it has seen.</param>
/// <param name="Vote">Whom it voted for in that term, or <see cref="MemberId.None"/>.</param>
/// <param name="Commit">The highest index it knows to be committed. May be behind after a crash; then it is learnt again.</param>
public readonly record struct HardState(long Term, MemberId Vote, long Commit);
