using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;

namespace Notebook.Embedded.Tests.Contract;

internal static class ProbeExtensions
{
    /// <summary>A round trip beside whatever the grain does: what was sent before it has reached the grain.</summary>
    public static Task HoldAsideAndGo(this IProbeGrain grain, string name)
    {
        Signals.Raise($"go:{name}");
        return grain.HoldAside(name).Within("a call that always interleaves");
    }
}
