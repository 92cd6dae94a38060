namespace Notebook.Grains.Policies;

/// <summary>Never adds or removes a server.</summary>
public sealed class FixedScaling : IScalingPolicy
{
    /// <inheritdoc/>
    public string Name => "fixed";

    /// <inheritdoc/>
    public ScalingDecision Decide(ScalingView view) => new(0, [], "the number of servers is fixed");
}
