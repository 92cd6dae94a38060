using System.Globalization;

namespace Notebook.Gpu;

/// <summary>
/// Heeds <c>CUDA_VISIBLE_DEVICES</c>, as every CUDA program does: how one machine's GPUs are dealt out among several
/// agents, or some kept from an agent. Indices are those of the PCI bus; UUIDs, or their beginnings, may stand too.
/// </summary>
public static class VisibleDevices
{
    /// <summary>The devices that the list names, in their own order; all of them when there is no list.</summary>
    /// <param name="devices">All GPUs of the machine.</param>
    /// <param name="list">Such as <c>0,2</c> or <c>GPU-8f6d...</c>; null for no list, empty or <c>-1</c> for none.</param>
    public static IReadOnlyList<GpuDevice> Of(IReadOnlyList<GpuDevice> devices, string? list)
    {
        if (list is null) return devices;
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. devices.Where(device => names.Any(name => Names(name, device)))];
    }

    private static bool Names(string name, GpuDevice device) =>
        name == device.Index.ToString(CultureInfo.InvariantCulture)
        || (name.StartsWith("GPU-", StringComparison.Ordinal) && device.Uuid.StartsWith(name, StringComparison.Ordinal));
}
