namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's choice of a move, which is none or one of those that were offered.</summary>
internal sealed class GuardedMigration(IMigrationPolicy plugin, IMigrationPolicy builtIn, PolicyGuard guard) : IMigrationPolicy
{
    public string Name => guard.Name;

    public MigrationDecision? Choose(MigrationView view) => guard.Decide(
        () => plugin.Choose(view),
        decision => decision is null ? null
            : Nonsense.InChoice("replica", [decision.Replica], view.Replicas.Select(r => r.Replica))
                ?? Nonsense.InChoice("server", [decision.Target], view.Targets.Select(t => t.Server)),
        () => Instead(builtIn.Choose(view)));

    private MigrationDecision? Instead(MigrationDecision? decision) =>
        decision is null ? null : decision with { Reason = guard.Instead(decision.Reason) };
}
