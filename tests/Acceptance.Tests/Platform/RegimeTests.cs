using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Platform;

/// <summary>The same small workload under each regime, on a platform of its own: three servers with one GPU each.</summary>
[Collection(ClusterGroup.Name)]
public class RegimeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("notebookos", 3, false, 4)]
    [InlineData("reservation", 1, false, 3)]   // a fourth kernel would wait for the end of another
    [InlineData("batch", 1, true, 4)]
    [InlineData("lcp", 1, true, 4)]
    [InlineData("gandiva", 1, false, 4)]
    public async Task Kernels_that_want_GPUs_at_the_same_time_all_run_and_keep_their_variables(string regime, int replicas, bool fresh, int kernels)
    {
        await using var platform = await NotebookPlatform.UpAsync(gpus: "simulated:1", more: ["--regime", regime]);
        try
        {
            await platform.WholeAsync();
            var notebooks = new List<(string Kernel, KernelSession Session)>();
            try
            {
                for (var n = 0; n < kernels; n++)
                {
                    var kernel = await platform.Api.StartKernelAsync();
                    notebooks.Add((kernel, await platform.Api.ConnectAsync(kernel)));
                }

                await Task.WhenAll(notebooks.Select((n, i) => n.Session.ExecuteAsync($"import os, time; time.sleep(0.5); x = [{i}]; same = x; pid = os.getpid()", s_limit)));
                await IdleAsync(platform, replicas, fresh);
                var cells = await Task.WhenAll(notebooks.Select(n => n.Session.ExecuteAsync("time.sleep(0.5); x.append('more'); (same, pid == os.getpid())", s_limit)));
                var stayed = cells.Count(c => c.Result!.EndsWith("True)", StringComparison.Ordinal));
                for (var i = 0; i < cells.Length; i++) Assert.StartsWith($"([{i}, 'more'], ", cells[i].Result, StringComparison.Ordinal);
                Assert.True(fresh ? stayed == 0 : stayed > 0, $"{stayed} of {kernels} cells found the process of the one before");

                var status = await IdleAsync(platform, replicas, fresh);
                Assert.Equal(regime, status.Json["regime"]!.ToString());
                Assert.Equal(regime == "reservation" ? 3 : 0, Leased(status));
                foreach (var (kernel, _) in notebooks) await platform.Api.DeleteKernelAsync(kernel);
                await platform.ClusterAsync("all GPUs are free", s => Leased(s) == 0, s_limit);
            }
            finally
            {
                foreach (var (_, session) in notebooks) await session.DisposeAsync();
            }
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }

    /// <summary>
    /// Waits until no cell runs, no replica moves and each kernel has as many as it should, and where each cell has a process
    /// of its own until that is gone. What <c>status</c> shows is read piece by piece: a move may end in between.
    /// </summary>
    private static Task<PlatformStatus> IdleAsync(NotebookPlatform platform, int replicas, bool fresh) => platform.StatusAsync(
        "nothing runs and nothing moves",
        s => s.Json["cells"]!.AsArray().Count == 0 && s.Json["queue"]!.AsArray().Count == 0 && s.Json["moves"]!.AsArray().Count == 0
            && s.Kernels.All(k => k.Replicas.Count == replicas)
            && (!fresh || s.Json["kernels"]!.AsArray().All(k => k!["replicas"]!.AsArray().All(r => r!["pid"] is null))),
        s_limit);

    private static int Leased(PlatformStatus status) =>
        status.Json["servers"]!.AsArray().Sum(s => s!["gpus"]!.AsArray().Count(g => g!["leased_by"] is not null));
}
