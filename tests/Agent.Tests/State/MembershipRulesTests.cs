using Notebook.Agent.State;
using Notebook.Links.Protocol;
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
    [InlineData("1", "", "1 j2", "AddLearner 2")]
    [InlineData("1", "2", "1 j2", null)]                   // who joins learns, until it has everything
    [InlineData("1", "2", "l1 2", "Promote 2")]
    [InlineData("1 2", "", "l1 2", null)]                  // the one that stays does the rest
    [InlineData("1 2", "", "1 l2", "let go Remove 2")]
    [InlineData("1", "", "1 l2", null)]
    [InlineData("1 2", "", "1", "Remove 2")]               // rolled back
    [InlineData("1", "2", "1", "Remove 2")]
    [InlineData("1", "", "", null)]                        // who they are is not known
    public void The_leaders_next_step_brings_the_members_nearer_to_the_replicas(string voters, string learners, string wanted, string? expected) =>
        Assert.Equal(expected, Next(voters, learners, wanted, isLeader: true));

    [Theory]
    [InlineData("1 2", "", "1 l2", "lead")]                // it takes over from the one that leaves
    [InlineData("2", "1", "1 l2", "lead")]                 // it will be a voter in a moment
    [InlineData("1 2", "", "l1 2", null)]
    [InlineData("2", "1", "j1 2", null)]
    [InlineData("1 2", "", "1", "alone")]                  // the other was given up
    [InlineData("2", "1", "1", null)]                      // a learner may lack what was committed
    [InlineData("1", "", "1", null)]
    [InlineData("1 2 3", "", "1", null)]                   // the others may have gone on without it
    [InlineData("1 2 3", "", "1 2", null)]                 // the leader's to do
    [InlineData("1 2", "", "", null)]
    public void Who_does_not_lead_acts_only_where_the_only_replica_moves(string voters, string learners, string wanted, string? expected) =>
        Assert.Equal(expected, Next(voters, learners, wanted, isLeader: false));

    /// <param name="voters">Numbers.</param>
    /// <param name="learners">Numbers.</param>
    /// <param name="wanted">Numbers; with a <c>j</c> of who joins, with an <c>l</c> of who leaves.</param>
    /// <param name="isLeader">Whether member 1 leads.</param>
    private static string? Next(string voters, string learners, string wanted, bool isLeader)
    {
        var next = MembershipRules.Next(Membership.Of(Ids(voters), Ids(learners)), [.. Split(wanted).Select(Wanted)], new MemberId(1), isLeader);
        return next switch
        {
            null => null,
            MemberStep.Change { What: var change } => $"{change.GetType().Name} {change.Member}",
            MemberStep.LetGo { What: var removal } => $"let go {removal.GetType().Name} {removal.Member}",
            MemberStep.Lead => "lead",
            _ => "alone",
        };
    }

    private static WantedMember Wanted(string text) => text[0] switch
    {
        'j' => new(Id(text[1..]), PeerStanding.PeerJoins),
        'l' => new(Id(text[1..]), PeerStanding.PeerLeaves),
        _ => new(Id(text), PeerStanding.PeerStays),
    };

    private static MemberId[] Ids(string numbers) => [.. Split(numbers).Select(Id)];

    private static MemberId Id(string number) => new(int.Parse(number, System.Globalization.CultureInfo.InvariantCulture));

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
