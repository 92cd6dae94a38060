using System.Collections.Immutable;

namespace Notebook.Simulator.Model;

/// <summary>
/// How long things take on simulated servers, and how large they are. The defaults are what <c>notebook bench</c> measured of the
/// platform itself on a small machine (docs/benchmarks.md) where it measures them, and the data sheets of usual GPU servers where
/// it does not; all of them are stated with the results.
/// </summary>
public sealed record ServerModel
{
    /// <summary>GPUs of a server.</summary>
    public int GpusPerServer { get; init; } = 8;

    /// <summary>Host memory of a server in MB.</summary>
    public long MemoryMb { get; init; } = 768 * 1024;

    /// <summary>CPU of a server in thousandths of a core.</summary>
    public int MilliCpus { get; init; } = 96_000;

    /// <summary>GPU memory of one GPU in MB.</summary>
    public long GpuMemoryMb { get; init; } = 80 * 1024;

    /// <summary>One way between two processes of different servers, in seconds.</summary>
    public LogNormal Link { get; init; } = new(0.0003, 0);

    /// <summary>A kernel process out of the pool of warm ones, in seconds.</summary>
    public LogNormal WarmStart { get; init; } = new(0.032, 0.3);

    /// <summary>A kernel process that has to be made, in seconds.</summary>
    public LogNormal ColdStart { get; init; } = new(0.72, 0.3);

    /// <summary>Processes that a server keeps warm where no policy says otherwise.</summary>
    public int Pool { get; init; } = 2;

    /// <summary>What the kernel process itself adds to a cell before its code runs, in seconds.</summary>
    public LogNormal Begin { get; init; } = new(0.003, 0.3);

    /// <summary>An entry in the logs of a majority of a kernel's replicas, in seconds.</summary>
    public LogNormal Commit { get; init; } = new(0.0015, 0.5);

    /// <summary>A kernel's variables in bytes, of which a replica elsewhere must fetch what it lacks.</summary>
    public LogNormal StateBytes { get; init; } = new(512e6, 1);

    /// <summary>Share of the variables that a cell changes, 0 to 1.</summary>
    public double ChangedShare { get; init; } = 0.1;

    /// <summary>What a kernel has on each of its GPUs, in bytes, at most the GPU's memory.</summary>
    public LogNormal GpuStateBytes { get; init; } = new(4e9, 0.8);

    /// <summary>Between two servers, or a server and shared storage, in bytes a second.</summary>
    public double NetworkRate { get; init; } = 1.25e9;

    /// <summary>From host memory to each GPU at once, in bytes a second.</summary>
    public double GpuRate { get; init; } = 12e9;

    /// <summary>All of it, for the statement beside results.</summary>
    public ImmutableArray<Results.RunParameter> Parameters =>
    [
        new("gpus_per_server", Text(GpusPerServer)),
        new("link_s", Link.ToString()),
        new("warm_start_s", WarmStart.ToString()),
        new("cold_start_s", ColdStart.ToString()),
        new("pool", Text(Pool)),
        new("begin_s", Begin.ToString()),
        new("commit_s", Commit.ToString()),
        new("state_bytes", StateBytes.ToString()),
        new("changed_share", Text(ChangedShare)),
        new("gpu_state_bytes", GpuStateBytes.ToString()),
        new("network_bytes_per_s", Text(NetworkRate)),
        new("gpu_bytes_per_s", Text(GpuRate)),
    ];

    private static string Text(double value) => value.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture);
}
