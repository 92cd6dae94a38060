namespace Notebook.Grains.Policies;

/// <summary>The same number of warm processes on every server.</summary>
/// <param name="count">For each kernelspec.</param>
public sealed class FixedPool(int count) : IPrewarmPolicy
{
    /// <inheritdoc/>
    public string Name => "fixed";

    /// <inheritdoc/>
    public PrewarmDecision Size(DateTimeOffset now, PrewarmServer server) => new(count, $"fixed at {count}");
}
