using Notebook.Agent.State;
using Notebook.Raft;

namespace Notebook.Agent.Tests.State;

public sealed class MembershipRulesTests
{
    [Theory]
    [InlineData("1 2 3", "", "1 2 3", null)]
    [InlineData("1 2", "", "1 2 3", "AddLearner 3")]
    [InlineData("1 2", "3", "1 2 3", "Promote 3")]
    [InlineData("1 2 3", "", "1 2 4", "AddLearner 4")]     // who comes, before who goes
    [InlineData("1 2 3", "4", "1 2 4", "Promote 4")]
    [InlineData("1 2 3 4", "", "1 2 4", "Remove 3")]
    [InlineData("1 2 3", "4", "1 2 3", "Remove 4")]        // a learner that is not wanted any more
    [InlineData("1 2 3", "", "2 3", null)]                 // the leader cannot leave
    public void The_next_change_brings_the_members_nearer_to_the_replicas(string voters, string learners, string wanted, string? expected)
    {
        var next = MembershipRules.Next(Membership.Of(Ids(voters), Ids(learners)), Ids(wanted), new MemberId(1));
        Assert.Equal(expected, next is null ? null : $"{next.GetType().Name} {next.Member}");
    }

    private static MemberId[] Ids(string numbers) =>
        [.. numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => new MemberId(int.Parse(n, System.Globalization.CultureInfo.InvariantCulture)))];
}
