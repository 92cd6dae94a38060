namespace Notebook.Grains.Policies;

/// <summary>Moves nothing. A server that is drained keeps its replicas until their kernels end.</summary>
public sealed class NoMove : IMigrationPolicy
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public MigrationDecision? Choose(MigrationView view) => null;
}
