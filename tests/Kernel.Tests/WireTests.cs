namespace Notebook.Kernel.Tests;

/// <summary>State between kernel processes that a zygote forked, over their sockets: <c>driver/wire.py</c> has the cases.</summary>
public sealed class WireTests(WireRun run) : IClassFixture<WireRun>
{
    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Cases => [.. WireRun.Cases()];

    [Fact]
    public void There_are_cases() => Assert.NotEmpty(WireRun.Cases());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Kernels_exchange_state(string name)
    {
        var problems = await run.ProblemsAsync(name);

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }
}

/// <summary>One run of all cases, shared by their tests.</summary>
public sealed class WireRun
{
    private const string Start = "def case_";

    private readonly Lazy<Task<IReadOnlyList<CaseOutcome>>> _outcomes = new(() => Driver.OutcomesAsync("wire.py"));

    /// <summary>The names of all cases, read off the driver.</summary>
    public static IEnumerable<string> Cases() =>
        from line in File.ReadLines(Driver.PathOf("wire.py"))
        where line.StartsWith(Start, StringComparison.Ordinal)
        select line[Start.Length..line.IndexOf('(', StringComparison.Ordinal)];

    /// <summary>What is wrong with a case.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(string name) =>
        (await _outcomes.Value).SingleOrDefault(outcome => outcome.Case == name)?.Problems ?? ["the driver has not run it"];
}
