using System.Globalization;
using Notebook.Gpu.Nvidia;

namespace Notebook.Gpu;

/// <summary>What an operator wants by way of GPUs: <c>auto</c>, <c>none</c> or <c>simulated:N</c>.</summary>
public static class GpuChoice
{
    private const string SimulatedPrefix = "simulated:";

    /// <summary>The most GPUs that can be simulated on one server.</summary>
    public const int MaxSimulated = 1024;

    /// <summary>Finds the GPUs that <paramref name="choice"/> means.</summary>
    /// <param name="choice">The operator's word.</param>
    /// <param name="server">The server's id, from which simulated GPUs get their UUIDs.</param>
    /// <exception cref="FormatException">It is none of the three.</exception>
    /// <exception cref="GpuException">There is an NVIDIA driver, and it cannot be used.</exception>
    public static IGpuDevices Open(string choice, string server)
    {
        if (choice == "none") return new NoGpus();
        if (choice == "auto") return (IGpuDevices?)NvidiaGpus.TryOpen() ?? new NoGpus();
        if (choice.StartsWith(SimulatedPrefix, StringComparison.Ordinal)
            && int.TryParse(choice.AsSpan(SimulatedPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= MaxSimulated)
        {
            return new SimulatedGpus(server, count);
        }

        throw new FormatException($"--gpus {choice} is none of auto, none, simulated:N with N up to {MaxSimulated}");
    }
}
