namespace Notebook.Kernel.Tests;

/// <summary>
/// Small notebooks, across the ways in which Python changes state: a standby that applied the changes, one that has a
/// snapshot alone, and a standby of the standby must have the namespace of a plain IPython, and go on as it does.
/// </summary>
public sealed class CorpusTests(CorpusRun corpus) : IClassFixture<CorpusRun>
{
    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Cases => [.. CorpusRun.Cases()];

    [Fact]
    public void There_are_at_least_250_cases_with_names_of_their_own()
    {
        var names = CorpusRun.Cases().ToArray();

        Assert.True(names.Length >= 250, $"{names.Length} cases");
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task State_moves(string name)
    {
        var problems = await corpus.ProblemsAsync(name);

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }
}
