using Notebook.Raft;

namespace Notebook.Agent.State;

/// <summary>How a group's members follow the kernel's replicas, one change at a time. No clock, no IO.</summary>
internal static class MembershipRules
{
    /// <summary>The next change; null when all is as it should be.</summary>
    /// <param name="present">Who belongs to the group.</param>
    /// <param name="wanted">The kernel's replicas.</param>
    /// <param name="self">Who leads, and so cannot leave.</param>
    public static MembershipChange? Next(Membership present, IReadOnlyCollection<MemberId> wanted, MemberId self)
    {
        // A majority of the old ones should not have to wait for the new: who goes, goes when the others are there.
        foreach (var member in wanted)
        {
            if (present.IsVoter(member)) continue;
            return present.IsLearner(member) ? new MembershipChange.Promote(member) : new MembershipChange.AddLearner(member);
        }

        foreach (var member in present.Voters.Concat(present.Learners))
            if (member != self && !wanted.Contains(member)) return new MembershipChange.Remove(member);
        return null;
    }
}
