namespace Notebook.Grains.Regimes;

/// <summary>The regimes that there are. All place by the same order, so that comparisons are fair; <see cref="Gandiva"/> adds its affinity to it.</summary>
public static class KnownRegimes
{
    /// <summary>The platform's own: three replicas, GPUs while a cell runs, moves to where there is room.</summary>
    public static Regime NotebookOs { get; } = new("notebookos", "three replicas, GPUs only while a cell runs, replicas move to where there is room")
    {
        Policies = ["placement=least-loaded", "executor=sticky", "queue=fair", "migration=cheapest"],
    };

    /// <summary>What notebook servers do that give each session GPUs of its own.</summary>
    public static Regime Reservation { get; } = new("reservation", "one process for each kernel, which holds its GPUs as long as it lives")
    {
        ReplicasPerKernel = 1,
        Gpus = GpuBinding.Kernel,
        Policies = ["placement=least-loaded", "queue=first-come", "migration=none"],
    };

    /// <summary>What batch schedulers do: each cell is a job of its own.</summary>
    public static Regime Batch { get; } = new("batch", "each cell is a job: first come, first served, in a process made for it, with the state loaded before and saved behind it")
    {
        ReplicasPerKernel = 1,
        FreshProcesses = true,
        Policies = ["placement=least-loaded", "queue=first-come", "migration=cheapest", "prewarm=fixed:0"],
    };

    /// <summary>The paper's large container pool: as <see cref="Batch"/>, but the processes wait ready-made.</summary>
    public static Regime LargePool { get; } = new("lcp", "each cell is a job in a process from a large pool of warm ones, with the state loaded before and saved behind it")
    {
        ReplicasPerKernel = 1,
        FreshProcesses = true,
        Policies = ["placement=least-loaded", "queue=first-come", "migration=cheapest", "prewarm=minimum:8"],
    };

    /// <summary>After Gandiva, which keeps jobs of one size together so that large ones find whole servers.</summary>
    public static Regime Gandiva { get; } = new("gandiva", "one process for each kernel, beside others that ask for as many GPUs, which it gets while a cell runs; it moves to where there is room")
    {
        ReplicasPerKernel = 1,
        Policies = ["placement=gpu-affinity", "queue=first-come", "migration=cheapest"],
    };

    /// <summary>All of them, the default first.</summary>
    public static ImmutableArray<Regime> All { get; } = [NotebookOs, Reservation, Batch, LargePool, Gandiva];

    /// <summary>What there is when nobody says otherwise.</summary>
    public static Regime Default => All[0];
}
