using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Simulation;

/// <summary>
/// The same trace, a minute in a second, on the real platform (<c>notebook replay</c>) and through the same grains on simulated
/// servers (<c>notebook simulate</c>): both agree on counts, order and GPU-hours. The bounds leave room for a loaded machine: what
/// it adds is added to each cell.
/// </summary>
public class ReplayTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int Cells = 18;

    /// <summary>Cells that start further apart than this in the simulation start in the same order on the platform.</summary>
    private const double OrderMargin = 8;

    /// <summary>What cells may take longer on the platform on average, in seconds: its reply's way, and its process's turn on a loaded machine.</summary>
    private const double SecondsPerCell = 1;

    /// <summary>What polling once a second may miss of a cell's lease, at each of its ends.</summary>
    private const double SecondsPerLease = 3;

    private const double Share = 0.05;

    // Five sessions that ask for 29 of 24 GPUs at the most: some cells wait, and some replicas are passed over.
    private const string Trace = """
        session,submit_min,duration_min,gpus
        0,0,2,4
        0,3,4,4
        0,8,1,4
        0,12,5,4
        1,1,6,8
        1,9,3,8
        1,13,2,8
        2,0.5,3,4
        2,4,4,4
        2,9,2,4
        2,14,3,4
        3,2,5,1
        3,8,1,1
        3,10,4,1
        3,16,2,1
        4,5,6,8
        4,12,3,8
        4,17,2,8

        """;

    [Fact]
    public async Task Platform_and_simulator_agree_on_counts_order_and_GPU_hours()
    {
        using var folder = new TemporaryDirectory();
        var (trace, fast) = (Path.Combine(folder.Path, "trace.csv"), Path.Combine(folder.Path, "fast.csv"));
        await File.WriteAllTextAsync(trace, Trace.ReplaceLineEndings("\n"));
        var (replayed, simulated) = (Path.Combine(folder.Path, "replayed"), Path.Combine(folder.Path, "simulated"));

        (await Platform.RunAsync("replay", trace, "--speed", "60", "--out", replayed)).Checked();
        (await Platform.RunAsync("replay", trace, "--speed", "60", "--write-trace", fast)).Checked();
        (await Platform.RunAsync("simulate", fast, "--min-servers", "3", "--max-servers", "3", "--state-size", "1MB", "--gpu-state-size", "0", "--out", simulated)).Checked();

        var (real, virtuals) = (PlayedCell.Read(replayed), PlayedCell.Read(simulated));
        Output.WriteLine(string.Join('\n', real.Zip(virtuals).Select(cell => $"{cell.First}\n  {cell.Second}")));
        Assert.Equal(Cells, real.Count);
        Assert.Equal(real.Select(cell => (cell.Session, cell.Index, cell.Gpus)), virtuals.Select(cell => (cell.Session, cell.Index, cell.Gpus)));
        Assert.All(real.Concat(virtuals), cell => Assert.Equal("ok", cell.Outcome));
        AssertSameOrder(real, virtuals);
        AssertNear(virtuals.Sum(cell => cell.GpuSeconds), real.Sum(cell => cell.GpuSeconds), SecondsPerCell * real.Sum(cell => cell.Gpus));

        var (figures, expected) = (Result(replayed), Result(simulated));
        Assert.Equal("notebookos", (string?)figures["regime"]);
        AssertNear(Number(expected, "provisioned_gpu_hours"), Number(figures, "provisioned_gpu_hours"), 0);
        AssertNear(Number(expected, "reserved_gpu_hours"), Number(figures, "reserved_gpu_hours"), 0);
        AssertNear(Number(expected, "leased_gpu_hours"), Number(figures, "leased_gpu_hours"), SecondsPerLease * real.Sum(cell => cell.Gpus) / 3600);
        Assert.DoesNotContain((await Platform.StatusAsync()).Json["kernels"]!.AsArray(), kernel => ((string)kernel!["user"]!).StartsWith("replay-", StringComparison.Ordinal));
    }

    private static void AssertSameOrder(IReadOnlyList<PlayedCell> real, IReadOnlyList<PlayedCell> virtuals)
    {
        var pairs = 0;
        foreach (var (earlier, i) in virtuals.Select((cell, i) => (cell, i)))
        {
            foreach (var (later, j) in virtuals.Select((cell, j) => (cell, j)))
            {
                var isSame = earlier.Session == later.Session && earlier.Index < later.Index;
                if (!isSame && later.Started - earlier.Started <= OrderMargin) continue;
                pairs++;
                Assert.True(real[i].Started < real[j].Started, $"on the platform {real[i]} starts after {real[j]}, in the simulation {earlier} before {later}");
            }
        }

        Assert.True(pairs > Cells, $"only {pairs} pairs of cells were far enough apart to be compared");
    }

    private static void AssertNear(double expected, double found, double more) =>
        Assert.InRange(found, (expected * (1 - Share)) - more, (expected * (1 + Share)) + more);

    private static JsonNode Result(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "result.json")))![0]!;

    private static double Number(JsonNode result, string figure) => (double)result[figure]!;
}
