using System.Text.Json;
using Notebook.Cli.Commands;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Simulation;

public sealed class SimulateCommandTests : IDisposable
{
    private static readonly string s_excerpt = Path.Combine(AppContext.BaseDirectory, "Samples", "idlt-excerpt.csv");

    private readonly string _folder = Directory.CreateTempSubdirectory("simulate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "say which trace to play: a file, or --synthetic SESSIONS,LENGTH (one of the two)")]
    [InlineData("TRACE --synthetic 3,1d", "say which trace to play: a file, or --synthetic SESSIONS,LENGTH (one of the two)")]
    [InlineData("TRACE --regime foo", "there is no regime 'foo', there are notebookos, reservation, batch, lcp, gandiva")]
    [InlineData("TRACE --regime batch,batch", "--regime: batch is named 2 times, and once is enough")]
    [InlineData("TRACE --policy queue=foo", "policy 'queue=foo': there is no queue policy 'foo', there are fair, first-come")]
    [InlineData("TRACE --window 3", "--window 3: START+LENGTH, each a number with d, h, m or s, such as 350h+17.5h; longer than nothing")]
    [InlineData("TRACE --window 3h+0h", "--window 3h+0h: START+LENGTH, each a number with d, h, m or s, such as 350h+17.5h; longer than nothing")]
    [InlineData("TRACE --window 800h+1h", "--window 800h+1h: no cell of idlt-excerpt is submitted in it; its first is at hour 0, its last at hour 1.98")]
    [InlineData("TRACE --gpus-per-server 4", "session 27 of idlt-excerpt asks for 8 GPUs, and a server has 4: give --gpus-per-server 8 or more")]
    [InlineData("TRACE --min-servers 5 --max-servers 4", "--min-servers 5: more than --max-servers 4")]
    [InlineData("TRACE --max-servers 2", "--max-servers 2: a kernel of notebookos has 3 replicas, each on another server: give at least as many, or fewer --replicas")]
    [InlineData("TRACE --seed -1", "--seed -1: a whole number from 0 to 2147483647")]
    [InlineData("TRACE --provision-time 5", "--provision-time 5: MEAN,DEVIATION, each a number from 0 to 86400")]
    [InlineData("TRACE --state-size 5XB", "--state-size 5XB: a number of bytes up to 100TB, such as 512MB or 4GB")]
    [InlineData("TRACE --faults lost-calls=0.6", "--faults lost-calls=0.6: a number from 0 to 0.5")]
    [InlineData("TRACE --subscription-limits 0,1,1", "--subscription-limits 0,1,1: three numbers from 1 to 1000, for GPUs, CPUs and memory, such as 7,7,2")]
    [InlineData("TRACE --log log --regime batch,lcp", "--log log: the log of one regime, and 2 are named: choose one with --regime")]
    [InlineData("--synthetic 0,1d", "--synthetic 0,1d: SESSIONS,LENGTH or SESSIONS,LENGTH,CELLS, such as 100,7d or 456,30d,100000; 1 to 1000000 sessions, a minute to ten years")]
    public async Task What_can_never_run_is_refused_in_one_line_before_anything_starts(string arguments, string line)
    {
        var refused = await Assert.ThrowsAsync<UserException>(
            () => Simulate([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "TRACE" ? s_excerpt : word), "--out", In("none")]));
        Assert.Equal((line, ExitCodes.Usage), (refused.Message, refused.ExitCode));
        Assert.False(Directory.Exists(In("none")));
    }

    [Fact]
    public async Task Each_fault_of_a_trace_is_told_with_its_line_and_column()
    {
        await File.WriteAllTextAsync(In("bad.csv"), "session,submit_min,duration_min,gpus\n0,0,10,4\n0,5,1,4\n1,3,x,2\n");
        var refused = await Assert.ThrowsAsync<UserException>(() => Simulate(In("bad.csv")));
        Assert.Equal(2, refused.Message.Split('\n').Length);
        Assert.StartsWith("bad: line 3, submit_min: found 5, while session 0's cell of line 2 runs until 10", refused.Message, StringComparison.Ordinal);
        Assert.Contains("bad: line 4, duration_min: found 'x'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_input_and_seed_give_the_same_files_however_many_runs_there_are_at_once()
    {
        Assert.Equal(ExitCodes.Ok, await Compare("two", "--at-once", "2"));
        Assert.Equal(ExitCodes.Ok, await Compare("one", "--at-once", "1"));
        var names = Directory.GetFiles(In("two")).Select(Path.GetFileName).Order();
        Assert.Equal(["cells.csv", "report.html", "result.json", "series.csv"], names);
        foreach (var name in names) Assert.Equal(File.ReadAllBytes(Path.Combine(In("two"), name!)), File.ReadAllBytes(Path.Combine(In("one"), name!)));

        using var result = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(In("two"), "result.json")));
        Assert.Equal(["notebookos", "reservation", "batch"], result.RootElement.EnumerateArray().Select(run => run.GetProperty("regime").GetString()));

        await Compare("two", "--seed", "2");   // its own results of before are no reason to refuse the folder
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(In("two"), "cells.csv")), File.ReadAllBytes(Path.Combine(In("one"), "cells.csv")));

        Task<int> Compare(string folder, params string[] more) =>
            Simulate([s_excerpt, "--window", "0h+30m", "--regime", "notebookos,reservation,batch", "--faults", "link-breaks=1", "--out", In(folder), .. more]);
    }

    [Fact]
    public async Task The_log_of_a_run_has_the_simulated_time_and_is_the_same_each_time()
    {
        await Simulate(s_excerpt, "--window", "0h+10m", "--out", In("a"), "--log", In("first.log"));
        await Simulate(s_excerpt, "--window", "0h+10m", "--out", In("a"), "--log", In("second.log"));
        var lines = await File.ReadAllLinesAsync(In("first.log"));
        Assert.Equal(lines, await File.ReadAllLinesAsync(In("second.log")));
        Assert.All(lines, line => Assert.Matches(@"^-?\d+:\d\d:\d\d\.\d{6} [TDIWEC] \w+: ", line));
    }

    [Fact]
    public async Task A_folder_with_something_else_in_it_is_left_alone_unless_forced()
    {
        Directory.CreateDirectory(In("mine"));
        await File.WriteAllTextAsync(Path.Combine(In("mine"), "thesis.txt"), "much work");
        string[] arguments = [s_excerpt, "--window", "0h+5m", "--out", In("mine")];
        var refused = await Assert.ThrowsAsync<UserException>(() => Simulate(arguments));
        Assert.Contains("thesis.txt is in it, which no simulation wrote", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await Simulate([.. arguments, "--force"]));
        Assert.True(File.Exists(Path.Combine(In("mine"), "thesis.txt")));
    }

    [Fact]
    public async Task A_synthetic_trace_that_was_written_is_the_one_that_is_played()
    {
        Assert.Equal(ExitCodes.Ok, await Simulate("--synthetic", "4,2h", "--seed", "7", "--write-trace", In("synthetic-4-sessions-2h.csv")));
        await Simulate("--synthetic", "4,2h", "--seed", "7", "--out", In("made"));
        await Simulate(In("synthetic-4-sessions-2h.csv"), "--seed", "7", "--out", In("read"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(In("made"), "result.json")), File.ReadAllBytes(Path.Combine(In("read"), "result.json")));
    }

    private static Task<int> Simulate(params string[] arguments) =>
        NotebookCommand.Build(new Installation("/nowhere", "/nowhere", "release", "dotnet"), TimeProvider.System)
            .Parse(["simulate", .. arguments])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private string In(string name) => Path.Combine(_folder, name);
}
