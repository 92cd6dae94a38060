namespace Notebook.Gpu;

/// <summary>GPUs that are not there, and are called simulated wherever they show. Nothing runs on them, so nothing uses them.</summary>
/// <param name="server">The server's id, part of their UUIDs.</param>
/// <param name="count">How many.</param>
public sealed class SimulatedGpus(string server, int count) : IGpuDevices
{
    private const long MemoryMb = 80_000;
    private const long BytesPerMb = 1_000_000;

    /// <inheritdoc/>
    public GpuDriver? Driver => null;

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Inventory { get; } =
        [.. Enumerable.Range(0, count).Select(n => new GpuDevice(n, $"SIM-{server}-{n}", "simulated", "Simulated GPU", MemoryMb))];

    /// <inheritdoc/>
    public IReadOnlyList<UnusableGpu> Unusable => [];

    /// <inheritdoc/>
    public GpuSnapshot Sample() =>
        new([.. Inventory.Select(gpu => new GpuSample(gpu.Index, gpu.Uuid) { Memory = new(MemoryMb * BytesPerMb, 0, MemoryMb * BytesPerMb), Processes = [] })], []);
}
