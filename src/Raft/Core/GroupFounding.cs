using Notebook.Raft.Storage;

namespace Notebook.Raft;

/// <summary>
/// How a group begins: each founding member writes the same first entry, committed by decree, that says who the members
/// are. From then on a member knows its group from its log alone. Members that join later begin with an empty log.
/// </summary>
public static class GroupFounding
{
    /// <summary>The term of the first entry. Elections begin with the next.</summary>
    public const long Term = 1;

    /// <summary>What a founding member writes into its empty log, once, before its <see cref="RaftMember"/> is made.</summary>
    /// <param name="group">The group.</param>
    /// <param name="membership">Its first members; the same at each of them.</param>
    public static GroupWrite Write(GroupId group, Membership membership) => new(group)
    {
        HardState = new HardState(Term, MemberId.None, Commit: 1),
        Entries = [new Entry(new EntryId(Term, 1), EntryKind.Membership, membership.Write())],
    };
}
