namespace Notebook.Gpu;

/// <summary>A machine without GPUs.</summary>
public sealed class NoGpus : IGpuDevices
{
    /// <inheritdoc/>
    public GpuDriver? Driver => null;

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Inventory => [];

    /// <inheritdoc/>
    public IReadOnlyList<UnusableGpu> Unusable => [];

    /// <inheritdoc/>
    public GpuSnapshot Sample() => new([], []);
}
