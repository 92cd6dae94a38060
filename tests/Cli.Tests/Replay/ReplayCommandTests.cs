using System.CommandLine;
using Notebook.Cli.Commands;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Replay;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly TemporaryData _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--speed 0", "--speed 0: a number from 0.001 to 100000")]
    [InlineData("--speed fast", "--speed fast: a number from 0.001 to 100000")]
    [InlineData("--window 3h", "--window 3h: START+LENGTH")]
    [InlineData("--window 9h+1h", "--window 9h+1h: no cell of two is submitted in it")]
    [InlineData("--token secret", "--gateway, --silo and --token belong together")]
    [InlineData("--gateway ftp://a --silo http://a --token t", "--gateway ftp://a: an address such as http://10.0.0.5:8888")]
    public async Task What_can_never_work_is_refused_in_one_line(string options, string line)
    {
        var refused = await Assert.ThrowsAsync<UserException>(() => RunAsync($"replay {Trace()} {options}"));
        Assert.StartsWith(line, refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
    }

    [Fact]
    public async Task A_faulty_trace_is_refused_with_its_line()
    {
        var path = Path.Combine(_folder.Data.Root, "bad.csv");
        await File.WriteAllTextAsync(path, "session,submit_min,duration_min,gpus\n0,0,-1,1\n");
        var refused = await Assert.ThrowsAsync<UserException>(() => RunAsync($"replay {path}"));
        Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_platform_nothing_is_played()
    {
        var refused = await Assert.ThrowsAsync<UserException>(() => RunAsync($"replay {Trace()} --data {Path.Combine(_folder.Data.Root, "none")}"));
        Assert.StartsWith("nothing runs with the data directory", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_can_be_written_as_fast_as_it_would_be_played()
    {
        var file = Path.Combine(_folder.Data.Root, "fast.csv");
        Assert.Equal(0, await RunAsync($"replay {Trace()} --speed 4 --write-trace {file}"));
        Assert.Equal("session,submit_min,duration_min,gpus\n0,0,1,2\n0,2,0.5,2\n", await File.ReadAllTextAsync(file));
    }

    private string Trace()
    {
        var path = Path.Combine(_folder.Data.Root, "two.csv");
        File.WriteAllText(path, "session,submit_min,duration_min,gpus\n0,0,4,2\n0,8,2,2\n");
        return path;
    }

    private static Task<int> RunAsync(string line) =>
        NotebookCommand.Build(new Installation("/nowhere", "/nowhere", "release", "dotnet"), TimeProvider.System)
            .Parse(line.Split(' ')).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
