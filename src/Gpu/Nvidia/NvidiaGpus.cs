using System.Collections.Immutable;
using Notebook.Gpu.Checkpoints;
using Notebook.Gpu.Native;

namespace Notebook.Gpu.Nvidia;

/// <summary>The GPUs that the NVIDIA driver of this machine names: read through NVML, never changed.</summary>
public sealed class NvidiaGpus : IGpuDevices, IDisposable
{
    private readonly NvmlCalls _nvml;
    private readonly ImmutableArray<FoundGpu> _gpus;
    private readonly NvidiaEvents _events;

    private NvidiaGpus(NvmlLibrary library, string? visible, INativeExports? cuda)
    {
        _nvml = new(library);
        var inventory = new NvidiaInventory(_nvml);
        Driver = inventory.Driver(library, cuda);
        var (found, unusable) = inventory.Find();
        var mine = VisibleDevices.Of([.. found.Select(gpu => gpu.Device)], visible);
        (_gpus, Inventory, Unusable) = ([.. found.Where(gpu => mine.Contains(gpu.Device))], mine, unusable);
        _events = new(_nvml, _gpus.ToDictionary(gpu => gpu.Handle, gpu => gpu.Device.Index));
    }

    private static LoadedLibrary? Cuda => LoadedLibrary.TryLoad(CudaCheckpointCalls.Library);

    private static string? Visible => Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES");

    /// <inheritdoc/>
    public GpuDriver? Driver { get; }

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Inventory { get; }

    /// <inheritdoc/>
    public IReadOnlyList<UnusableGpu> Unusable { get; }

    /// <summary>Asks the driver, and heeds <c>CUDA_VISIBLE_DEVICES</c>; null where none is installed.</summary>
    /// <exception cref="GpuException">One is installed, and cannot be used.</exception>
    public static NvidiaGpus? TryOpen() => LoadedLibrary.TryLoad(NvmlLibrary.Name) is { } library ? Open(library, Visible, Cuda) : null;

    /// <summary>Asks the driver, and heeds <c>CUDA_VISIBLE_DEVICES</c>.</summary>
    /// <exception cref="GpuException">There is none, or it cannot be used.</exception>
    public static NvidiaGpus Open() => Open(NvmlLibrary.Name, Visible);

    /// <inheritdoc/>
    public GpuSnapshot Sample()
    {
        var (events, missing) = _events.Take();
        return new([.. _gpus.Select(gpu => NvidiaWatch.Sample(_nvml, gpu))], events, missing);
    }

    /// <summary>Lets go of the driver. One that refuses even that has nothing more to tell.</summary>
    public void Dispose()
    {
        _events.Dispose();
        _nvml.Stop();
    }

    /// <summary>As <see cref="Open()"/>, with the library that the loader finds under <paramref name="library"/>.</summary>
    internal static NvidiaGpus Open(string library, string? visible) =>
        Open(LoadedLibrary.TryLoad(library) ?? throw new GpuException(new GpuFault.NoDriver($"{library} cannot be loaded")), visible, Cuda);

    /// <summary>As <see cref="Open()"/>, with libraries that are loaded.</summary>
    internal static NvidiaGpus Open(INativeExports exports, string? visible, INativeExports? cuda = null)
    {
        var library = new NvmlLibrary(exports);
        var nvml = new NvmlCalls(library);
        if (nvml.Start() is { } fault) throw new GpuException(fault);
        try
        {
            return new(library, visible, cuda);
        }
        catch (GpuException)
        {
            nvml.Stop();
            throw;
        }
    }
}
