using Notebook.Raft.Tests.Simulation;
using Xunit.Abstractions;

namespace Notebook.Raft.Tests.Mutants;

/// <summary>
/// The simulation with one thing broken on purpose, a rule of the core or a promise of the store. Checkers that catch
/// none of these would prove nothing about the code as it is. The seed is one that catches the mutant: if the code has
/// changed so that it does not any more, others are tried.
/// </summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    private const int Seeds = 3000;
    private const string OldTerms = "commits entries of old terms";
    private const string CommitAhead = "commit is stored ahead of entries";

    /// <summary>What most seeds would need very long to come upon.</summary>
    private static readonly Dictionary<string, Func<Knobs, Knobs>> Roads = new()
    {
        [OldTerms] = knobs => knobs.TowardsFigure8(),
        [CommitAhead] = knobs => knobs.TowardsTornWrites(),
    };

    private static readonly Dictionary<string, Func<Mutation>> Mutants = new()
    {
        [OldTerms] = () => new BrokenRule(new CommitsEntriesOfOldTerms()),
        ["accepts stale leaders"] = () => new BrokenRule(new AcceptsStaleLeaders()),
        ["votes twice in a term"] = () => new BrokenRule(new VotesTwiceInATerm()),
        ["votes for shorter logs"] = () => new BrokenRule(new VotesForShorterLogs()),
        ["appends after any entry"] = () => new BrokenRule(new AppendsAfterAnyEntry()),
        ["counts too few copies"] = () => new BrokenRule(new CountsTooFewCopies()),
        ["leader counts what is not on disk"] = () => new BrokenRule(new LeaderCountsWhatIsNotOnDisk()),
        ["changes two members at once"] = () => new BrokenRule(new ChangesTwoMembersAtOnce()),
        ["reads before its own entry"] = () => new BrokenRule(new ReadsBeforeItsOwnEntry()),
        ["reads without asking anybody"] = () => new BrokenRule(new ReadsWithoutAskingAnybody()),
        ["vote is not stored"] = () => new VoteIsNotStored(),
        ["term is not stored"] = () => new TermIsNotStored(),
        [CommitAhead] = () => new CommitIsStoredAheadOfEntries(),
        ["promises leave before the disk has them"] = () => new PromisesLeaveBeforeTheDiskHasThem(),
        ["truncation is skipped"] = () => new TruncationIsSkipped(),
        ["snapshot index is one too low"] = () => new SnapshotIndexIsOneTooLow(),
    };

    [Theory]
    [InlineData(OldTerms, 961)]
    [InlineData(CommitAhead, 11)]
    [InlineData("accepts stale leaders", 1)]
    [InlineData("votes twice in a term", 1)]
    [InlineData("votes for shorter logs", 3)]
    [InlineData("appends after any entry", 3)]
    [InlineData("counts too few copies", 6)]
    [InlineData("leader counts what is not on disk", 125)]
    [InlineData("changes two members at once", 923)]
    [InlineData("reads before its own entry", 10)]
    [InlineData("reads without asking anybody", 1333)]
    [InlineData("vote is not stored", 88)]
    [InlineData("term is not stored", 1)]
    [InlineData("promises leave before the disk has them", 45)]
    [InlineData("truncation is skipped", 1)]
    [InlineData("snapshot index is one too low", 1)]
    public void A_broken_rule_is_caught(string mutant, int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + Seeds; seed++)
        {
            var result = SimulationRun.Of(seed, Mutants[mutant](), adjust: Roads.GetValueOrDefault(mutant));
            if (result.Failure is null) continue;
            output.WriteLine($"{mutant}: seed {seed} caught it: {result.Failure.Message}");
            return;
        }
        Assert.Fail($"{mutant}: no seed from {firstSeed} on caught it in {Seeds} runs");
    }
}
