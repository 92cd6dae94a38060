namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's choice of how many processes to keep warm, which a server can have.</summary>
internal sealed class GuardedPrewarm(IPrewarmPolicy plugin, IPrewarmPolicy builtIn, PolicyGuard guard) : IPrewarmPolicy
{
    public string Name => guard.Name;

    public PrewarmDecision Size(DateTimeOffset now, PrewarmServer server) => guard.Decide(
        () => plugin.Size(now, server),
        decision => decision switch
        {
            null => "it is null",
            { Target: not null and not (>= 0 and <= PrewarmChoice.MaxCount) } => $"it asks for {decision.Target} processes, 0 to {PrewarmChoice.MaxCount} can be had",
            _ => null,
        },
        () => Instead(builtIn.Size(now, server)));

    private PrewarmDecision Instead(PrewarmDecision decision) => decision with { Reason = guard.Instead(decision.Reason) };
}
