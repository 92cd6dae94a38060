namespace Notebook.Grains.Policies;

/// <summary>Leaves the size of a server's pools to whoever started its agent.</summary>
public sealed class AgentPool : IPrewarmPolicy
{
    /// <inheritdoc/>
    public string Name => "agent";

    /// <inheritdoc/>
    public PrewarmDecision Size(DateTimeOffset now, PrewarmServer server) => new(null, "as the agent was started");
}
