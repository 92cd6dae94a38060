namespace Notebook.Gpu;

/// <summary>GPUs that are not there, and are called simulated wherever they show.</summary>
/// <param name="server">The server's id, part of their UUIDs.</param>
/// <param name="count">How many.</param>
public sealed class SimulatedGpus(string server, int count) : IGpuDevices
{
    private const long MemoryMb = 80_000;

    /// <summary>A machine without GPUs.</summary>
    public static IGpuDevices None { get; } = new SimulatedGpus("", 0);

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Inventory { get; } =
        [.. Enumerable.Range(0, count).Select(n => new GpuDevice(n, $"SIM-{server}-{n}", "simulated", "Simulated GPU", MemoryMb))];
}
