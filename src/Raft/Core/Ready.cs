using System.Collections.Immutable;
using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft;

/// <summary>The part that a member plays (Raft, section 5.1; pre-candidate: dissertation, section 9.6).</summary>
public enum RaftRole : byte
{
    /// <summary>Follows whoever leads, if anybody does. Learners always do.</summary>
    Follower,

    /// <summary>Asks whether an election could be won.</summary>
    PreCandidate,

    /// <summary>Asks for votes.</summary>
    Candidate,

    /// <summary>Leads.</summary>
    Leader,
}

/// <summary>Entries that are committed and on this member's disk, to be applied in order.</summary>
/// <param name="From">The first index.</param>
/// <param name="Through">The last index; never before <paramref name="From"/>.</param>
public readonly record struct CommittedRange(long From, long Through);

/// <summary>The end of a read's wait.</summary>
/// <param name="Read">The caller's number for it.</param>
/// <param name="Index">
/// The state machine serves the read once it has applied this index; null when leadership was lost before the read was
/// confirmed, so that it has to be asked for at another member.
/// </param>
public readonly record struct ReadAnswer(long Read, long? Index);

/// <summary>Who leads, as this member sees it.</summary>
/// <param name="Term">The term.</param>
/// <param name="Role">This member's own role.</param>
/// <param name="Leader">The leader, or <see cref="MemberId.None"/>.</param>
public readonly record struct RoleView(long Term, RaftRole Role, MemberId Leader);

/// <summary>
/// What a member wants done. The caller, in this order: hands <see cref="Write"/> to the log before it calls the member
/// again (it need not be on disk then); sends <see cref="Messages"/>; once all writes up to <see cref="WriteNumber"/>
/// are on disk, calls <see cref="RaftMember.Persisted"/> and sends <see cref="MessagesAfterWrite"/>; restores
/// <see cref="SnapshotToApply"/>; reads <see cref="Committed"/> from the log, also before it calls the member again, and
/// applies it when it likes; answers <see cref="Reads"/>.
/// </summary>
public sealed record Ready
{
    /// <summary>What must get on disk; null for nothing.</summary>
    public GroupWrite? Write { get; init; }

    /// <summary>The number of <see cref="Write"/>, or of the latest write before when there is none. Writes count from 1.</summary>
    public required long WriteNumber { get; init; }

    /// <summary>Messages that may leave at once.</summary>
    public ImmutableArray<RaftMessage> Messages { get; init; } = [];

    /// <summary>Messages that promise what the writes hold: they leave when writes up to <see cref="WriteNumber"/> are on disk, or never.</summary>
    public ImmutableArray<RaftMessage> MessagesAfterWrite { get; init; } = [];

    /// <summary>A snapshot that came from the leader and is on disk: it replaces the state machine's state.</summary>
    public SnapshotInfo? SnapshotToApply { get; init; }

    /// <summary>Entries to apply; null for none.</summary>
    public CommittedRange? Committed { get; init; }

    /// <summary>Reads whose wait is over.</summary>
    public ImmutableArray<ReadAnswer> Reads { get; init; } = [];

    /// <summary>Term, role or leader, when one of them changed.</summary>
    public RoleView? Changed { get; init; }
}
