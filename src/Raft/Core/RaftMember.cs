using System.Collections.Immutable;
using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft;

/// <summary>
/// One member of one Raft group, pure: no clock, thread, IO or chance of its own. Calls come in (<see cref="Step"/>,
/// <see cref="Tick"/>, <see cref="Propose"/>, ...), and what is to be stored, sent and applied comes out of
/// <see cref="TakeReady"/> as a value. Same calls, same answers; one call at a time.
/// </summary>
/// <remarks>
/// Storing is asynchronous: the caller hands writes to the log in order, goes on calling, and says when they are on disk
/// (<see cref="Persisted"/>). Until then no message leaves that promises what they hold, and a leader does not count its
/// own copy. A write that fails for good ends this object: make a new one from what the log recovers.
/// The parts: roles and ticks, votes, the leader's and the follower's steps, replication, snapshots, reads, transfer,
/// membership and rest each have a file beside this one.
/// </remarks>
public sealed partial class RaftMember
{
    private readonly GroupId _group;
    private readonly IGroupLog _store;
    private readonly LogTail _log;
    private readonly RaftOptions _options;
    private readonly Random _random;
    private readonly RaftRules _rules;
    private readonly MembershipHistory _memberships;

    private MemberId _vote;
    private long _commit;
    private int _elapsed;          // ticks since a leader was heard or an election began; a leader's since it saw its quorum
    private int _timeout;          // the own election timeout, drawn anew for each role
    private Leadership? _leading;  // not null exactly while Role is Leader
    private List<(MemberId Voter, bool Granted)>? _votes;   // not null exactly while candidate or pre-candidate

    /// <summary>Makes a member from what its log holds. A founding member's log holds <see cref="GroupFounding"/>.</summary>
    /// <param name="group">The group.</param>
    /// <param name="self">This member.</param>
    /// <param name="log">Its log, as recovery found it.</param>
    /// <param name="options">The measures of the group, the same at each member.</param>
    /// <param name="random">Where election timeouts come from; seeded, and may be shared by members on one thread.</param>
    /// <param name="applied">What the state machine has applied already; at least the end of the log's snapshot.</param>
    public RaftMember(GroupId group, MemberId self, IGroupLog log, RaftOptions options, Random random, long applied = 0)
        : this(group, self, log, options, random, applied, RaftRules.Production)
    {
    }

    internal RaftMember(
        GroupId group, MemberId self, IGroupLog log, RaftOptions options, Random random, long applied, RaftRules rules)
    {
        options.Validate();
        if (self.Value <= 0) throw new ArgumentException($"no member has the id {self}", nameof(self));
        (_group, Self, _store, _options, _random, _rules) = (group, self, log, options, random, rules);
        _log = new LogTail(log);
        _memberships = ReadMemberships();
        (Term, _vote, _commit) = log.HardState;
        _lastWritten = log.HardState;
        _commit = Math.Max(Math.Min(_commit, _log.Last.Index), log.Snapshot?.Last.Index ?? 0);
        (_durable, _durableTerm) = (_log.Last.Index, Term);
        _handedOver = Math.Max(applied, log.Snapshot?.Last.Index ?? 0);
        _timeout = DrawTimeout();
        _shown = View;
    }

    /// <summary>This member.</summary>
    public MemberId Self { get; }

    /// <summary>The latest term that it knows.</summary>
    public long Term { get; private set; }

    /// <summary>Its part.</summary>
    public RaftRole Role { get; private set; }

    /// <summary>Who leads in this term, as far as it knows; <see cref="MemberId.None"/> when nobody.</summary>
    public MemberId Leader { get; private set; }

    /// <summary>The highest index that it knows to be committed. What is committed may still be on its way to this member's disk.</summary>
    public long CommitIndex => _commit;

    /// <summary>Its last entry, on disk or not.</summary>
    public EntryId LastEntry => _log.Last;

    /// <summary>The membership in force here: the newest in the log, committed or not.</summary>
    public Membership Membership => _memberships.Current;

    /// <summary>Whether it rests: it needs no ticks, and sends nothing, until it is used again.</summary>
    public bool IsResting { get; private set; }

    /// <summary>How far the others are; empty where this member does not lead.</summary>
    public ImmutableArray<PeerView> Peers => _leading is { } leading
        ? [.. leading.Peers.Select(peer => new PeerView(peer.Id, peer.Match, peer.Pace == PeerPace.Snapshot))]
        : [];

    private RoleView View => new(Term, Role, Leader);

    /// <summary>
    /// A message from another member. What belongs to another term or another part is dropped, as the network might have
    /// done; from whom it is, the link has checked.
    /// </summary>
    /// <exception cref="LogCorruptedException">The log could not be read; the member is of no use any more.</exception>
    public void Step(RaftMessage message)
    {
        if (message.To != Self || message.From == Self) return;
        if (IsResting && !LeavesAtRest(message)) Wake();
        if (!EntersTerm(message)) return;

        if (message is VoteRequest request) AnswerVote(request);
        else if (Role == RaftRole.Leader) StepLeader(message);
        else if (message is VoteAnswer answer) CountVote(answer);
        else StepFollower(message);
    }

    /// <summary>
    /// A time of the caller's choice has passed. Not needed while <see cref="IsResting"/>.
    /// </summary>
    public void Tick()
    {
        if (IsResting) return;
        _elapsed++;
        if (Role == RaftRole.Leader) TickLeader();
        else if (_elapsed >= _timeout) Stand(VoteReason.PreVote);
    }

    /// <summary>Appends an entry at the leader.</summary>
    /// <param name="data">Its bytes; not changed afterwards.</param>
    public ProposeOutcome Propose(ReadOnlyMemory<byte> data)
    {
        if (data.Length > _options.MaxEntryBytes) return new ProposeOutcome.TooLarge(data.Length, _options.MaxEntryBytes);
        if (_leading is not { } leading) return new ProposeOutcome.NotLeader(Leader);
        if (leading.TransferTarget != MemberId.None || !HasRoomFor(data.Length))
            return new ProposeOutcome.Busy(leading.UncommittedBytes, leading.TransferTarget != MemberId.None);
        Use();
        return new ProposeOutcome.Accepted(AppendOwn(EntryKind.Data, data));
    }

    /// <summary>Whether the message is of this term, after entering a newer one where the message proves it (Raft, section 5.1).</summary>
    private bool EntersTerm(RaftMessage message)
    {
        if (_rules.IsStale(message.Term, Term))
        {
            AnswerStale(message);
            return false;
        }
        if (message.Term <= Term) return true;
        if (message is VoteRequest request)
        {
            if (IsLed && request.Reason != VoteReason.Transfer) return false;   // the lease: a leader lives
            if (request.Reason == VoteReason.PreVote) return true;
        }
        if (message is VoteAnswer { IsPreVote: true, Granted: true }) return true;   // names the term that is only asked about
        var isLeaders = message is AppendRequest or Heartbeat or SnapshotRequest or Rest or TimeoutNow;
        Become(RaftRole.Follower, message.Term, isLeaders ? message.From : MemberId.None);
        return true;
    }

    /// <summary>
    /// A sender of an older term learns of ours where that moves things on: a leader that was cut off steps down, a
    /// candidate stops asking.
    /// </summary>
    private void AnswerStale(RaftMessage message)
    {
        if (message is VoteRequest request)
            Inform(new VoteAnswer(Self, message.From, Term, request.Reason == VoteReason.PreVote, Granted: false));
        else if (message is AppendRequest or Heartbeat or SnapshotRequest or Rest)
            Inform(new AppendAnswer(Self, message.From, Term, Accepted: false, _commit, default));
    }
}
