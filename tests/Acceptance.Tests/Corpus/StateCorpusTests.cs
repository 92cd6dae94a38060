using System.Collections.Concurrent;
using Notebook.Acceptance.Tests.Platform;
using Notebook.JupyterWire.Zmq;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Corpus;

/// <summary>
/// The small notebooks of <c>tests/Kernel.Tests/corpus</c>, each in a kernel of its own whose executor moves twice: it
/// prints, and has at the second and at the third replica, what it prints and has on a plain ipykernel.
/// </summary>
[Collection(AloneGroup.Name)]
public class StateCorpusTests(ITestOutputHelper output)
{
    private const int AtOnce = 24;   // kernels of the platform, each with a process on each server
    private const int PlainAtOnce = 2;
    private const int CasesAtLeast = 250;

    // Several processes with a thread for each processor would be slower than one after the other.
    private static readonly Dictionary<string, string> s_environment = new() { ["OMP_NUM_THREADS"] = "1" };

    [Fact]
    public async Task Every_case_ends_on_other_replicas_as_on_a_plain_kernel()
    {
        var cases = (await CorpusCase.AllAsync()).Where(c => c.CanRun).ToArray();
        Assert.True(cases.Length >= CasesAtLeast, $"{cases.Length} cases can run here, at least {CasesAtLeast} are wanted");
        using var folders = new TemporaryDirectory();
        using var plainKernels = PlainKernels.Start();
        await using var platform = await NotebookPlatform.UpAsync(gpus: $"simulated:{AtOnce}");
        try
        {
            await using var gates = await ServerGates.MakeAsync(platform, AtOnce);
            List<string> problems = [];
            foreach (var batch in Deal(cases))
            {
                var plain = RunPlainAsync(plainKernels, batch, folders.Path);
                foreach (var run in await MoveAsync(platform, gates, batch, folders.Path, plain)) problems.AddRange(run.Problems);
            }

            output.WriteLine($"{cases.Length} cases moved");
            Assert.True(problems.Count == 0, string.Join('\n', problems));
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }

    private static async Task<IReadOnlyList<MovingRun>> MoveAsync(
        NotebookPlatform platform, ServerGates gates, CorpusCase[] cases, string folders, Task<IReadOnlyDictionary<string, PlainRun>> plainRuns)
    {
        var runs = await Task.WhenAll(cases.Select(c => MovingRun.StartAsync(platform.Api, c, NewFolder(folders), s_environment)));

        var pids = await Task.WhenAll(runs.Select(run => run.BeforeAsync()));
        var status = await platform.StatusAsync();
        foreach (var (run, pid) in runs.Zip(pids))
        {
            run.CheckExecutor(status, gates.Open, pid);
            run.CheckLost(status);
        }

        await gates.NextAsync();
        var second = await Task.WhenAll(runs.Select(run => run.AfterAsync()));
        var plain = await plainRuns;
        status = await platform.StatusAsync();
        foreach (var (run, look) in runs.Zip(second))
        {
            run.CheckExecutor(status, gates.Open, look.Pid);
            run.CheckPrinted(plain[run.Case.Name]);
            run.CheckLook(look, plain[run.Case.Name]);
        }

        await gates.NextAsync();
        var third = await Task.WhenAll(runs.Select(run => run.LookAsync()));
        status = await platform.StatusAsync();
        foreach (var (run, look) in runs.Zip(third))
        {
            run.CheckExecutor(status, gates.Open, look.Pid);
            run.CheckLook(look, plain[run.Case.Name]);
        }

        await Task.WhenAll(runs.Select(run => run.EndAsync(platform.Api)));
        return runs;
    }

    private static async Task<IReadOnlyDictionary<string, PlainRun>> RunPlainAsync(PlainKernels kernels, CorpusCase[] cases, string folders)
    {
        using var context = new ZmqContext();
        ConcurrentDictionary<string, PlainRun> found = [];
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = PlainAtOnce }, async (@case, _) =>
            found[@case.Name] = await PlainRun.RunAsync(kernels, context, @case, NewFolder(folders), s_environment));
        return found;
    }

    /// <summary>Batches of which none has many neighbours: those with large libraries lie together in the corpus.</summary>
    private static IEnumerable<CorpusCase[]> Deal(CorpusCase[] cases)
    {
        var batches = (cases.Length + AtOnce - 1) / AtOnce;
        return cases.Index().GroupBy(c => c.Index % batches, c => c.Item, (_, batch) => batch.ToArray());
    }

    private static string NewFolder(string folders) => Directory.CreateDirectory(Path.Combine(folders, $"{Guid.NewGuid():N}")).FullName;
}
