using Notebook.Agent.State;
using Notebook.Raft;
using Notebook.Raft.Runtime;

namespace Notebook.Agent.Replicas;

/// <content>
/// A kernel gets a replica on another server, and loses one: the replica that leads adds the new one to the Raft group,
/// promotes it when it has caught up, and removes who is not a replica any more. A new one does not count before that.
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_memberRetry = TimeSpan.FromMilliseconds(200);
    private bool _isKeepingMembers;

    private async Task KeepMembersAsync(KernelLog state)
    {
        lock (_lock)
        {
            if (_isKeepingMembers) return;   // it sees the newest replicas by itself
            _isKeepingMembers = true;
        }

        try
        {
            while (_state == state && state.IsLeader && NextChange(state) is { } change)
            {
                // Not now: it lags behind, or the change before is not committed yet.
                if (await state.Group.ChangeMembershipAsync(change) is MembershipOutcome.Committed) LogMember(id, change.ToString());
                else await Task.Delay(s_memberRetry, services.Time);
            }
        }
        finally
        {
            lock (_lock) _isKeepingMembers = false;
        }
    }

    private MembershipChange? NextChange(KernelLog state)
    {
        MemberId[] wanted = [.. services.Peers.Of(id).Select(peer => new MemberId(KernelLogs.NumberOf(peer.Replica)))];
        return wanted.Length == 0 ? null : MembershipRules.Next(state.Group.View.Membership, wanted, state.Group.Self);
    }

    /// <summary>A replica that joins the group is of use once it is a voter; one that founded it is at once.</summary>
    private async Task BecomeVoterAsync(int starts)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_starts != starts || _state is not { } state || state.Group.View.Membership.IsVoter(state.Group.Self)) return;
            }

            await Task.Delay(s_memberRetry, services.Time);
        }
    }

    [LoggerMessage(EventId = 3091, Level = LogLevel.Information, Message = "Replica {Replica}: {Change} is committed")]
    private partial void LogMember(string replica, string change);
}
