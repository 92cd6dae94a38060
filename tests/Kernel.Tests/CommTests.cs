namespace Notebook.Kernel.Tests;

/// <summary>Comms and widgets between kernel processes: <c>driver/comms.py</c> has the cases.</summary>
public sealed class CommTests(CommRun run) : IClassFixture<CommRun>
{
    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Cases => [.. new CommRun().Cases()];

    [Fact]
    public void There_are_cases() => Assert.NotEmpty(run.Cases());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Comms_go_on_in_another_process(string name)
    {
        var problems = await run.ProblemsAsync(name);

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }
}

/// <summary>One run of all cases, shared by their tests.</summary>
public sealed class CommRun() : ProcessRun("comms.py");
