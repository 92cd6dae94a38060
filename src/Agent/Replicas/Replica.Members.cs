using System.Collections.Immutable;
using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;
using Notebook.Raft;
using Notebook.Raft.Runtime;

namespace Notebook.Agent.Replicas;

/// <content>
/// A kernel gets a replica on another server, and loses one: the replica that leads adds the new one to the Raft group,
/// promotes it when it has caught up, and removes who is not a replica any more. A new one does not count before that.
/// Where the only replica moves, the new one stays a learner until it has everything, large values too; then it takes the lead
/// and removes the old one itself, and says that it is alone (decision 20).
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_memberRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks whether a new one has caught up. A cell may wait for that, for a moved replica runs nothing before.</summary>
    private static readonly TimeSpan s_catchUpLook = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan s_takeOverLimit = TimeSpan.FromSeconds(2);
    private bool _isKeepingMembers;
    private bool _isAlone;   // it leads, and its group has no other member

    private async Task KeepMembersAsync(KernelLog state)
    {
        lock (_lock)
        {
            if (_isKeepingMembers) return;   // it sees the newest replicas by itself
            _isKeepingMembers = true;
        }

        try
        {
            while (NextStep(state) is { } step)
            {
                // Not now: another lags behind, or the change before is not committed yet.
                if (!await TakeAsync(state, step)) await Task.Delay(step is MemberStep.Change ? s_catchUpLook : s_memberRetry, services.Time);
            }
        }
        catch
        {
            lock (_lock) _isKeepingMembers = false;
            throw;
        }
    }

    /// <summary>What to do next; when that is nothing, who asked is done.</summary>
    private MemberStep? NextStep(KernelLog state)
    {
        lock (_lock)
        {
            var view = state.Group.View;
            var (self, leads) = (state.Group.Self, view.Role.Role == RaftRole.Leader);
            var step = _state == state && view.Ended is null ? MembershipRules.Next(view.Membership, Wanted(), self, leads) : null;
            NoteAlone_NeedsLock(_state == state && step is null && leads && view.Membership is { Voters.Length: 1, Learners.IsEmpty: true });
            _isKeepingMembers = step is not null;
            return step;
        }
    }

    private async Task<bool> TakeAsync(KernelLog state, MemberStep step)
    {
        switch (step)
        {
            case MemberStep.LetGo when !await HasAllAsync(state):
                return false;
            case MemberStep.LetGo { What: var removal }:
                return await ChangeAsync(state, removal);
            case MemberStep.Change { What: var change }:
                return await ChangeAsync(state, change);
            case MemberStep.Lead:
                return await state.Group.LeadAsync(s_takeOverLimit) is LeadOutcome.Leading;
            case MemberStep.GoOnAlone:
                LogAlone(id);
                return state.Group.GoOnAlone();
            default:
                throw new InvalidOperationException($"an unknown step {step}");
        }
    }

    private async Task<bool> ChangeAsync(KernelLog state, MembershipChange change)
    {
        if (await state.Group.ChangeMembershipAsync(change) is not MembershipOutcome.Committed) return false;
        LogMember(id, change.ToString());
        return true;
    }

    private ImmutableArray<WantedMember> Wanted() =>
        [.. services.Peers.Of(id).Select(peer => new WantedMember(new MemberId(KernelLogs.NumberOf(peer.Replica)), peer.Standing))];

    private bool Joins => services.Peers.Of(id).Any(peer => peer.Replica == id && peer.Standing == PeerStanding.PeerJoins);

    private void NoteAlone_NeedsLock(bool isAlone)
    {
        if (_isAlone == isAlone) return;
        _isAlone = isAlone;
        Tell_NeedsLock();
    }

    /// <summary>
    /// A replica that joins the group is of use once it is a voter; one that founded it is at once; one that takes the place of
    /// the only one, once it has learnt all there was when it joined, and has the large values.
    /// </summary>
    /// <param name="starts">Of which start.</param>
    /// <param name="fed">A process that takes in meanwhile what has arrived of the log; null when none is to.</param>
    private async Task BecomeMemberAsync(int starts, KernelProcess? fed)
    {
        long? last = null;   // the entry that made it a learner, or one behind it
        while (true)
        {
            KernelLog? state;
            lock (_lock)
            {
                state = _starts == starts ? _state : null;
                if (state is null) return;
            }

            var view = state.Group.View;
            if (view.Membership.IsVoter(state.Group.Self)) return;
            if (view.Membership.IsLearner(state.Group.Self) && Joins)
            {
                last ??= view.Last.Index;
                if (view.Applied >= last && await FetchAllAsync(state)) return;
            }

            if (fed is not null) await FeedAsync(fed);
            await Task.Delay(s_catchUpLook, services.Time);
        }
    }

    /// <summary>Fetches what is missing here of the large values that were committed, as the leader.</summary>
    /// <returns>Whether all are here, but for those that no server has.</returns>
    private async Task<bool> HasAllAsync(KernelLog state) =>
        await state.Group.ReadAsync() is ReadIndexOutcome.Ready && await FetchAllAsync(state);

    private async Task<bool> FetchAllAsync(KernelLog state)
    {
        var missing = state.Chunks().Where(chunk => !services.Logs.Chunks.Holds(chunk)).ToArray();
        if (missing.Length == 0) return true;
        LogFetching(id, missing.Length, missing.Sum(chunk => (long)chunk.Length));
        var limit = Task.Delay(s_fetchLimit, services.Time);
        return (await services.Logs.Chunks.FetchAsync(OtherServers, missing, isPatient: true, limit)).Count == 0 || !limit.IsCompleted;
    }

    [LoggerMessage(EventId = 3091, Level = LogLevel.Information, Message = "Replica {Replica}: {Change} is committed")]
    private partial void LogMember(string replica, string change);

    [LoggerMessage(EventId = 3094, Level = LogLevel.Warning, Message = "Replica {Replica} goes on as its kernel's only one: a move to another server was given up")]
    private partial void LogAlone(string replica);
}
