namespace Notebook.Grains.Policies;

/// <summary>Kernels keep their processes until they are shut down.</summary>
public sealed class ReclaimNone : IReclaimPolicy
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public TimeSpan? Every => null;

    /// <inheritdoc/>
    public ReclaimDecision Decide(DateTimeOffset now, ReclaimKernel kernel) => new(false, "kernels keep their processes");
}
