using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

/// <summary>
/// This agent's member of one group. May be called from any thread; what awaits an outcome goes on where
/// <see cref="RaftHost"/> says. The other parts: what happens under the lock, and what comes of it outside.
/// </summary>
public sealed partial class RaftGroup
{
    private readonly RaftHost _host;
    private readonly Func<MemberId, string?> _serverOf;
    private readonly IStateMachine _machine;
    private readonly GroupLog _log;

    internal RaftGroup(
        RaftHost host, GroupId id, MemberId self, Func<MemberId, string?> serverOf, IStateMachine machine, GroupLog log, Random random)
    {
        (_host, Id, Self, _serverOf, _machine, _log) = (host, id, self, serverOf, machine, log);
        _handedOver = _durableSnapshot = log.Snapshot?.Last.Index ?? 0;
        _member = new RaftMember(id, self, log, host.Options.Group, random, _handedOver);
    }

    /// <summary>The group.</summary>
    public GroupId Id { get; }

    /// <summary>This agent's member.</summary>
    public MemberId Self { get; }

    /// <summary>Whether it leads, as far as it knows: a leader that was cut off does not know yet that it is none.</summary>
    public bool IsLeader => _member.Role == RaftRole.Leader;

    /// <summary>How it stands.</summary>
    public GroupView View
    {
        get
        {
            lock (_lock)
                return new(
                    new(_member.Term, _member.Role, _member.Leader), _member.CommitIndex, _handedOver, _log.Last,
                    _member.Membership, _member.IsResting, _member.Peers, _end);
        }
    }

    /// <summary>The end of the latest snapshot that is known to be on disk: after a crash the state goes on from there, or from later.</summary>
    public long DurableSnapshot
    {
        get
        {
            lock (_lock) return _durableSnapshot;
        }
    }

    /// <summary>What is in the log, committed or not, for reading.</summary>
    public IGroupLog Log => _log;

    /// <summary>Proposes an entry at the leader, and waits until it is committed and applied here.</summary>
    /// <param name="data">Its bytes; not changed afterwards.</param>
    /// <param name="cancel">Ends the wait, not the proposal.</param>
    public ValueTask<CommitOutcome> ProposeAsync(ReadOnlyMemory<byte> data, CancellationToken cancel = default)
    {
        var proposal = new Proposal();
        Do((group: this, proposal, data), static (member, p) =>
        {
            if (p.group._host.Writer.Full is { } full)
                p.proposal.Refuse(new CommitOutcome.DiskFull(full.AskedBytes, full.FreeBytes));
            else p.group.Took(p.proposal, member.Propose(p.data));
        });
        return WaitFor(proposal, cancel);
    }

    /// <summary>Changes the membership at the leader, and waits until that is committed and applied here.</summary>
    /// <param name="change">The change, of one member.</param>
    /// <param name="cancel">Ends the wait, not the change.</param>
    public async ValueTask<MembershipOutcome> ChangeMembershipAsync(MembershipChange change, CancellationToken cancel = default)
    {
        var (proposal, refusal) = (new Proposal(), (ChangeOutcome?)null);
        Do(this, (member, group) =>
        {
            var outcome = member.ChangeMembership(change);
            if (outcome is ChangeOutcome.Accepted { Id: var id }) group.Wait(proposal, id);
            else refusal = outcome;
        });
        if (refusal is not null) return new MembershipOutcome.Refused(refusal);
        return await WaitFor(proposal, cancel) switch
        {
            CommitOutcome.Committed { Id: var id } => new MembershipOutcome.Committed(id),
            var other => new MembershipOutcome.Failed(other),
        };
    }

    /// <summary>Waits until all that was acknowledged before is applied here, at the leader (Raft dissertation, section 6.4).</summary>
    /// <param name="cancel">Ends the wait.</param>
    public async ValueTask<ReadIndexOutcome> ReadAsync(CancellationToken cancel = default)
    {
        var done = new TaskCompletionSource<ReadIndexOutcome>();
        if (!Do((group: this, done), static (member, r) => r.group.BeginRead(r.done)))
            done.TrySetResult(Unable is { } reason ? new ReadIndexOutcome.Ended(reason) : new ReadIndexOutcome.Busy());
        Finish();
        return await done.Task.WaitAsync(cancel);
    }

    /// <summary>
    /// Makes this member the leader as fast as can be: a live leader is asked to hand over, and where the leader's agent is
    /// known to be gone, or there was none, this member stands for election at once. Both are repeated with each tick.
    /// </summary>
    /// <param name="limit">How long to try, in whole ticks.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async ValueTask<LeadOutcome> LeadAsync(TimeSpan limit, CancellationToken cancel = default)
    {
        var ticks = (long)Math.Ceiling(limit / _host.Options.TickInterval);
        var wish = new LeadWish(Math.Max(1, ticks));
        if (!Do((group: this, wish), static (_, w) => w.group.BeginLead(w.wish))) WishLater(wish);
        Finish();
        return await wish.Done.Task.WaitAsync(cancel);
    }

    /// <summary>Hands leadership over to another voter; when it is done, the leader is another, or after an election timeout still this.</summary>
    /// <param name="target">The voter.</param>
    public TransferOutcome Transfer(MemberId target)
    {
        var outcome = TransferOutcome.Busy;
        Do(target, (member, to) => outcome = member.TransferLeadership(to));
        Finish();
        return outcome;
    }

    /// <summary>
    /// Has this member lead as the group's only one, with what its log has: all other voters are gone for good
    /// (<see cref="RaftMember.GoOnAlone"/>), and whoever says so answers for it.
    /// </summary>
    /// <returns>Whether it does; not a member that is no voter, or takes part no more.</returns>
    public bool GoOnAlone()
    {
        var isAlone = false;
        Do(0, (member, _) => isAlone = member.GoOnAlone());
        Finish();
        return isAlone;
    }

    /// <summary>The state machine, which had no snapshot when it was asked for one, has one now: it is asked again.</summary>
    public void SnapshotReady()
    {
        lock (_lock) _work.Add(new GroupWork.SnapshotReady());
        Drain();
    }

    internal string? ServerOf(MemberId member) => _serverOf(member);

    internal void Step(RaftMessage message) => Do(message, static (member, m) => member.Step(m));

    internal void PeerDown(string server) => Do((group: this, server), static (member, down) =>
    {
        // A lost follower is no reason to wake: it asks for a leader when it is back.
        if (member.Leader != MemberId.None && member.Leader != member.Self && down.group.ServerOf(member.Leader) == down.server)
            member.PeerLost(member.Leader);
    });

    private ValueTask<CommitOutcome> WaitFor(Proposal proposal, CancellationToken cancel)
    {
        if (!proposal.IsTaken) proposal.Refuse(Unable is { } reason ? new CommitOutcome.Ended(reason) : new CommitOutcome.Busy());
        Finish();
        return new(cancel.CanBeCanceled ? proposal.Done.Task.WaitAsync(cancel) : proposal.Done.Task);
    }

    private void Finish()
    {
        _host.Flush();
        Drain();
    }
}
