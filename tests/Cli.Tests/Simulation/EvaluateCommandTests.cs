using Notebook.Cli.Commands;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Simulation;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("evaluate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_needs_a_trace_and_says_where_there_is_one()
    {
        var refused = await Assert.ThrowsAsync<UserException>(() => Evaluate());
        Assert.StartsWith("say with --trace which trace to evaluate", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
    }

    [Fact]
    public async Task A_trace_that_the_servers_are_too_small_for_is_refused_before_anything_runs()
    {
        await File.WriteAllTextAsync(In("large.csv"), "session,submit_min,duration_min,gpus\n0,0,1,16\n");
        var refused = await Assert.ThrowsAsync<UserException>(() => Evaluate("--trace", In("large.csv"), "--out", In("none")));
        Assert.EndsWith("a cell of it asks for 16 GPUs, and the evaluation's servers have 8", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("none")));
    }

    [Fact]
    public async Task The_same_trace_gives_the_same_page_and_pictures_however_many_runs_there_are_at_once()
    {
        await File.WriteAllTextAsync(In("tiny.csv"), "session,submit_min,duration_min,gpus\n0,0,4,4\n0,10,2,4\n1,1,6,8\n1,20,3,8\n2,2,1,1\n2,4,1,1\n");
        foreach (var (folder, atOnce) in new[] { ("two", "2"), ("one", "1") })
            Assert.Equal(ExitCodes.Ok, await Evaluate("--trace", In("tiny.csv"), "--quick", "--out", In(folder), "--at-once", atOnce));
        var files = Directory.GetFiles(In("two"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(In("two"), file)).Order(StringComparer.Ordinal);
        Assert.Equal("evaluation.md evaluation/delay-hour-0.svg evaluation/gpus-hour-0.svg evaluation/hours-hour-0.svg", string.Join(' ', files));
        foreach (var file in files) Assert.Equal(File.ReadAllBytes(Path.Combine(In("two"), file)), File.ReadAllBytes(Path.Combine(In("one"), file)));
    }

    private static Task<int> Evaluate(params string[] arguments) =>
        NotebookCommand.Build(new Installation("/nowhere", "/nowhere", "release", "dotnet"), TimeProvider.System)
            .Parse(["evaluate", .. arguments])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private string In(string name) => Path.Combine(_folder, name);
}
