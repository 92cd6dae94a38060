namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's choice of when idle kernels give their processes back.</summary>
internal sealed class GuardedReclaim(IReclaimPolicy plugin, IReclaimPolicy builtIn, PolicyGuard guard) : IReclaimPolicy
{
    private static readonly TimeSpan s_mostOften = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_leastOften = TimeSpan.FromDays(1);

    public string Name => guard.Name;

    public TimeSpan? Every => guard.Decide(
        () => plugin.Every,
        every => every < s_mostOften || every > s_leastOften ? $"it wants to be asked every {every}, and {s_mostOften} to {s_leastOften} can be had" : null,
        () => builtIn.Every);

    public ReclaimDecision Decide(DateTimeOffset now, ReclaimKernel kernel) => guard.Decide(
        () => plugin.Decide(now, kernel),
        decision => decision is null ? "it is null" : null,
        () => Instead(builtIn.Decide(now, kernel)));

    private ReclaimDecision Instead(ReclaimDecision decision) => decision with { Reason = guard.Instead(decision.Reason) };
}
