namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's word on how many servers there are, which keeps to the bounds and removes only what it may.</summary>
internal sealed class GuardedScaling(IScalingPolicy plugin, IScalingPolicy builtIn, PolicyGuard guard) : IScalingPolicy
{
    public string Name => guard.Name;

    public ScalingDecision Decide(ScalingView view) => guard.Decide(
        () => plugin.Decide(view),
        decision => decision is null ? "it is null"
            : decision.Add < 0 ? $"it adds {decision.Add} servers"
            : decision.Add > 0 && !decision.Remove.IsDefaultOrEmpty ? "it adds and removes servers at once"
            : TooMany(view, decision) ?? Nonsense.InChoice("server", decision.Remove, Removable(view)),
        () => Instead(builtIn.Decide(view)));

    private static string? TooMany(ScalingView view, ScalingDecision decision)
    {
        var there = view.Servers.Count(s => !s.IsDraining) + view.OnTheirWay.Length;
        if (decision.Add > 0 && there + decision.Add > view.Maximum) return $"{there} servers and {decision.Add} more are above the maximum of {view.Maximum}";
        return decision.Remove is { IsDefaultOrEmpty: false, Length: var fewer } && there - fewer < view.Minimum
            ? $"{there} servers without {fewer} are below the minimum of {view.Minimum}"
            : null;
    }

    private static IEnumerable<ServerId> Removable(ScalingView view) =>
    [
        .. view.OnTheirWay.Select(s => s.Server),
        .. view.Servers.Where(s => s is { IsOurs: true, IsDraining: false, CommittedGpus: 0 }).Select(s => s.Server),
    ];

    private ScalingDecision Instead(ScalingDecision decision) => decision with { Reason = guard.Instead(decision.Reason) };
}
