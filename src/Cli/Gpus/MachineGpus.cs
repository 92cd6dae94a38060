using Notebook.Gpu;
using Notebook.Gpu.Nvidia;

namespace Notebook.Cli.Gpus;

/// <summary>What this machine's driver says of its GPUs at one moment.</summary>
/// <param name="Driver">The driver; null when there is none that works.</param>
/// <param name="Inventory">The GPUs that can be leased.</param>
/// <param name="Unusable">The GPUs that cannot.</param>
/// <param name="Now">How they are.</param>
/// <param name="Why">Why there are none; null when the driver works.</param>
internal sealed record MachineGpus(
    GpuDriver? Driver, IReadOnlyList<GpuDevice> Inventory, IReadOnlyList<UnusableGpu> Unusable, GpuSnapshot Now, GpuFault? Why)
{
    /// <summary>Asks the driver.</summary>
    public static MachineGpus Read()
    {
        try
        {
            using var gpus = NvidiaGpus.Open();
            return new(gpus.Driver, gpus.Inventory, gpus.Unusable, gpus.Sample(), null);
        }
        catch (GpuException e)
        {
            return new(null, [], [], new([], []), e.Fault);
        }
    }
}
