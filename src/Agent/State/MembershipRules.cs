using System.Collections.Immutable;
using Notebook.Links.Protocol;
using Notebook.Raft;

namespace Notebook.Agent.State;

/// <summary>One of the kernel's replicas, as a member of its group.</summary>
/// <param name="Member">Its number.</param>
/// <param name="Standing">What is to become of it.</param>
internal readonly record struct WantedMember(MemberId Member, PeerStanding Standing);

/// <summary>What a member does next so that its group comes nearer to the kernel's replicas.</summary>
internal abstract record MemberStep
{
    /// <summary>As the leader: this change of the membership.</summary>
    /// <param name="What">The change.</param>
    public sealed record Change(MembershipChange What) : MemberStep;

    /// <summary>As the leader: this one, once all large values of the kernel are here too, since it takes away who else has them.</summary>
    /// <param name="What">The removal.</param>
    public sealed record LetGo(MembershipChange.Remove What) : MemberStep;

    /// <summary>It takes the lead over from the one that leaves.</summary>
    public sealed record Lead : MemberStep;

    /// <summary>All others were given up before they could commit anything without it: it goes on without them.</summary>
    public sealed record GoOnAlone : MemberStep;
}

/// <summary>How a group's members follow the kernel's replicas, one change at a time. No clock, no IO.</summary>
internal static class MembershipRules
{
    /// <summary>The next step; null when all is as it should be, or is for another member to do.</summary>
    /// <param name="present">Who belongs to the group.</param>
    /// <param name="wanted">The kernel's replicas; none when that is not known.</param>
    /// <param name="self">This member; who leads cannot leave.</param>
    /// <param name="isLeader">Whether it leads.</param>
    public static MemberStep? Next(Membership present, ImmutableArray<WantedMember> wanted, MemberId self, bool isLeader)
    {
        if (wanted.IsEmpty) return null;
        if (isLeader) return NextOfLeader(present, wanted, self);
        // In a move there are two voters. Of three the others could have gone on without this one, whatever it is told.
        if (IsOnlyOneNamed(wanted, self) && present.IsVoter(self) && present.Voters.Length == 2) return new MemberStep.GoOnAlone();
        return IsOnlyOneToStay(wanted, self) ? new MemberStep.Lead() : null;   // as soon as the one that leaves has made it a voter
    }

    private static MemberStep? NextOfLeader(Membership present, ImmutableArray<WantedMember> wanted, MemberId self)
    {
        // A majority of the old ones should not have to wait for the new: who goes, goes when the others are there.
        foreach (var (member, standing) in wanted)
        {
            if (present.IsVoter(member)) continue;
            if (!present.IsLearner(member) && standing != PeerStanding.PeerLeaves) return new MemberStep.Change(new MembershipChange.AddLearner(member));
            if (standing == PeerStanding.PeerStays) return new MemberStep.Change(new MembershipChange.Promote(member));
        }

        foreach (var member in present.Voters.Concat(present.Learners))
        {
            if (member == self) continue;
            var known = wanted.FirstOrDefault(w => w.Member == member);
            if (known == default) return new MemberStep.Change(new MembershipChange.Remove(member));
            if (known.Standing == PeerStanding.PeerLeaves) return new MemberStep.LetGo(new MembershipChange.Remove(member));
        }

        return null;
    }

    private static bool IsOnlyOneNamed(ImmutableArray<WantedMember> wanted, MemberId self) => wanted is [{ Member: var only }] && only == self;

    private static bool IsOnlyOneToStay(ImmutableArray<WantedMember> wanted, MemberId self) =>
        wanted.Any(w => w.Standing == PeerStanding.PeerLeaves)
        && wanted.All(w => w.Standing == PeerStanding.PeerLeaves ? w.Member != self : w.Member == self && w.Standing == PeerStanding.PeerStays);
}
