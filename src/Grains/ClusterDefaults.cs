namespace Notebook.Grains;

/// <summary>What a cluster does when nobody says otherwise.</summary>
internal static class ClusterDefaults
{
    /// <summary>Replicas of a kernel.</summary>
    public const int ReplicasPerKernel = 3;

    /// <summary>GPUs of a cell whose kernel says nothing, where there are servers with GPUs.</summary>
    public const int GpusPerCell = 1;

    /// <summary>Kernels of one cluster.</summary>
    public const int MaxKernels = 100_000;
}
