namespace Notebook.Grains.Cluster;

/// <summary>
/// The limit of the moment for promised GPUs. Where the cluster can grow it is demand over busy GPUs, a moving average of five
/// samples: the more of what was promised is in use, the less is promised again, so that the cluster grows before cells have to
/// wait. Where it cannot, refusing kernels would help nobody, and only the configured limit counts. GPUs that kernels hold as long
/// as they live are promised once, where the cluster can grow. No clock, no IO.
/// </summary>
internal sealed class Subscription(SubscriptionLimits limits, int replicasPerKernel = ClusterDefaults.ReplicasPerKernel, GpuBinding binding = GpuBinding.Cell)
{
    private const int Samples = 5;
    private readonly Queue<double> _samples = [];

    /// <summary>The configured limits.</summary>
    public SubscriptionLimits Limits { get; } = limits;

    /// <summary>Takes a sample; they are taken at even intervals.</summary>
    /// <param name="demandedGpus">GPUs that all kernels together may ask for.</param>
    /// <param name="busyGpus">GPUs that cells hold.</param>
    public void Sample(double demandedGpus, int busyGpus)
    {
        _samples.Enqueue(busyGpus == 0 ? Limits.Gpus : demandedGpus / busyGpus);
        if (_samples.Count > Samples) _samples.Dequeue();
    }

    /// <summary>The limit for GPUs now: from 1 to the configured one.</summary>
    public double GpuLimit(bool canGrow) =>
        canGrow && binding == GpuBinding.Kernel ? 1 : canGrow && _samples.Count > 0 ? Math.Clamp(_samples.Average(), 1, Limits.Gpus) : Limits.Gpus;

    /// <summary>Whether a server may promise this too.</summary>
    /// <param name="account">What it has and has promised.</param>
    /// <param name="more">What one more replica may ask for.</param>
    /// <param name="gpuLimit">See <see cref="GpuLimit"/>.</param>
    public bool Allows(ServerAccount account, in ResourceAmounts more, double gpuLimit) => Allows(account.Spec, account.Promised, more, gpuLimit);

    /// <summary>Whether a server may promise this too.</summary>
    /// <param name="spec">What it has.</param>
    /// <param name="promised">What it has promised.</param>
    /// <param name="more">What one more replica may ask for.</param>
    /// <param name="gpuLimit">See <see cref="GpuLimit"/>.</param>
    public bool Allows(in ResourceAmounts spec, in ResourceAmounts promised, in ResourceAmounts more, double gpuLimit) =>
        (more.Gpus == 0 || promised.Gpus + more.Gpus <= Times(gpuLimit, spec.Gpus))
        && (more.GpuMemoryMb == 0 || promised.GpuMemoryMb + more.GpuMemoryMb <= Times(gpuLimit, spec.GpuMemoryMb))
        && (more.MilliCpus == 0 || promised.MilliCpus + more.MilliCpus <= Times(Limits.Cpus, spec.MilliCpus))
        && (more.MemoryMb == 0 || promised.MemoryMb + more.MemoryMb <= Times(Limits.Memory, spec.MemoryMb));

    private double Times(double limit, double amount) => limit * amount * replicasPerKernel;
}
