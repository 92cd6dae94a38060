using Notebook.Gateway.Kernels;
using Notebook.Gateway.Outputs;

namespace Notebook.Gateway.Clients;

/// <summary>What there is to know of a client of the default framing.</summary>
/// <param name="limits">What it takes.</param>
/// <param name="place">The URL of what is kept of its kernel's outputs, as this client reaches the gateway.</param>
/// <param name="outputs">Keeps outputs that it does not take.</param>
/// <param name="counters">Counts them.</param>
internal sealed class LegacyClient(LegacyLimits limits, string place, KeptOutputs outputs, GatewayCounters counters)
{
    /// <summary>The frames of a message for it.</summary>
    public ValueTask<IReadOnlyList<(byte[] Frame, bool Binary)>> FramesAsync(KernelId kernel, OutMessage message) =>
        LegacyOutput.IsTooLarge(message, limits) ? StubAsync(kernel, message) : new(LegacyOutput.FramesOf(message, limits));

    private async ValueTask<IReadOnlyList<(byte[] Frame, bool Binary)>> StubAsync(KernelId kernel, OutMessage message)
    {
        counters.Add(GatewayCounters.StubbedOutputs);
        var name = await outputs.KeepAsync(kernel, message);
        return [LegacyOutput.Stub(message, limits, name is null ? null : $"{place}/{name}")];
    }
}
