namespace Notebook.Kernel.Tests;

/// <summary>State between kernel processes that a zygote forked, over their sockets: <c>driver/wire.py</c> has the cases.</summary>
public sealed class WireTests(WireRun run) : IClassFixture<WireRun>
{
    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Cases => [.. new WireRun().Cases()];

    [Fact]
    public void There_are_cases() => Assert.NotEmpty(run.Cases());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Kernels_exchange_state(string name)
    {
        var problems = await run.ProblemsAsync(name);

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }
}

/// <summary>One run of all cases, shared by their tests.</summary>
public sealed class WireRun() : ProcessRun("wire.py");
