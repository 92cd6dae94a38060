namespace Notebook.Grains.Kernels;

/// <summary>A kernel, as far as it matters for ending it.</summary>
/// <param name="LastUsed">When somebody last used it, or its last cell ended; never before the control plane was started.</param>
/// <param name="IsBusy">Whether a cell runs or waits.</param>
/// <param name="Connections">How many clients it has, as far as gateways have said.</param>
/// <param name="KnownSince">Since when gateways could say.</param>
/// <param name="Asked">After how long its user wants it ended; null for nothing said.</param>
internal readonly record struct CullKernel(DateTimeOffset LastUsed, bool IsBusy, int Connections, DateTimeOffset KnownSince, TimeSpan? Asked);

/// <summary>Which kernels are ended since nobody uses them, as Jupyter's servers do it. No clock, no IO.</summary>
internal static class CullRules
{
    /// <summary>Why a kernel is ended, for operators and its users; null when it is not.</summary>
    public static string? Reason(DateTimeOffset now, CullSettings settings, in CullKernel kernel)
    {
        if (settings.TimeoutOf(kernel.Asked) is not { } timeout || now - kernel.LastUsed < timeout) return null;
        if (kernel.IsBusy && !settings.Busy) return null;
        if (!settings.Connected && (kernel.Connections > 0 || !KnowsClients(now, kernel))) return null;
        return $"nobody has used it for {TimeWords.Of(now - kernel.LastUsed)}";
    }

    // A silo that has just started has heard of no client yet; each gateway says so within this time, or is gone.
    private static bool KnowsClients(DateTimeOffset now, in CullKernel kernel) => now - kernel.KnownSince >= Subscribers.Lifetime;
}
