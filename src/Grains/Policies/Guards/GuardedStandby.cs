namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's choice of what standbys do, which is one of the modes that there are.</summary>
internal sealed class GuardedStandby(IStandbyPolicy plugin, IStandbyPolicy builtIn, PolicyGuard guard) : IStandbyPolicy
{
    public string Name => guard.Name;

    public StandbyDecision Choose(StandbyKernel kernel) => guard.Decide(
        () => plugin.Choose(kernel),
        decision => decision is null ? "it is null"
            : Enum.IsDefined(decision.Mode) ? null
            : $"there is no standby mode {(int)decision.Mode}",
        () => Instead(builtIn.Choose(kernel)));

    private StandbyDecision Instead(StandbyDecision decision) => decision with { Reason = guard.Instead(decision.Reason) };
}
