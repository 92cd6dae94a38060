using System.Collections.Immutable;
using Notebook.Gpu;
using Notebook.Gpu.Nvidia;
using Notebook.Hosting;

namespace Notebook.Cli.Platform;

/// <summary>
/// Which GPUs each agent of one machine has. Agents are servers of their own to the platform, each sure that its GPUs
/// are nobody else's: so the machine's real GPUs are dealt out among them. Simulated ones cost nothing, and each agent
/// has as many as were asked for.
/// </summary>
/// <param name="Choice">What was asked for.</param>
/// <param name="Devices">For each agent the indices of its GPUs; empty where they are not dealt out.</param>
internal sealed record GpuShares(string Choice, ImmutableArray<ImmutableArray<int>> Devices)
{
    /// <summary>The variable that an agent, like every CUDA program, heeds.</summary>
    public const string Variable = "CUDA_VISIBLE_DEVICES";

    /// <summary>Asks the machine.</summary>
    public static GpuShares Of(string choice, int agents)
    {
        try
        {
            using var machine = choice == "auto" ? NvidiaGpus.TryOpen() : null;
            return machine is { Inventory: { Count: > 0 } gpus } ? Split([.. gpus.Select(g => g.Index)], agents) : AsAsked(choice);
        }
        catch (GpuException e)
        {
            throw new UserException($"{e.Message} (--gpus none goes without GPUs)");
        }
    }

    /// <summary>Every agent gets what was asked for.</summary>
    public static GpuShares AsAsked(string choice) => new(choice, []);

    /// <summary>Deals out real GPUs, neighbours together; who comes first may get one more.</summary>
    public static GpuShares Split(int gpus, int agents) => Split([.. Enumerable.Range(0, gpus)], agents);

    /// <summary>What agent number <paramref name="agent"/>, from 1, is told.</summary>
    public (string Choice, string? Visible) For(int agent) => Devices.IsEmpty ? (Choice, null)
        : Devices[agent - 1] is { IsEmpty: false } own ? (Choice, string.Join(',', own))
        : ("none", null);

    private static GpuShares Split(ImmutableArray<int> gpus, int agents)
    {
        var shares = ImmutableArray.CreateBuilder<ImmutableArray<int>>(agents);
        for (int agent = 0, next = 0; agent < agents; agent++)
        {
            var size = (gpus.Length / agents) + (agent < gpus.Length % agents ? 1 : 0);
            shares.Add(gpus.Slice(next, size));
            next += size;
        }

        return new GpuShares("auto", shares.MoveToImmutable());
    }
}
