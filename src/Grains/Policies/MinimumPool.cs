namespace Notebook.Grains.Policies;

/// <summary>
/// Minimum capacity: a number of processes that are idle always. What is taken is away until it is replaced, so the pool is
/// larger by what the measured starts keep away on average.
/// </summary>
/// <param name="count">How many are to be idle, for each kernelspec.</param>
public sealed class MinimumPool(int count) : IPrewarmPolicy
{
    /// <inheritdoc/>
    public string Name => "minimum";

    /// <inheritdoc/>
    public PrewarmDecision Size(DateTimeOffset now, PrewarmServer server)
    {
        var away = (int)Math.Min(Math.Ceiling(StartDemand.Away(server)), PrewarmChoice.MaxCount - count);
        return new(count + away, $"{count} idle at least, and {away} for those that are being replaced");
    }
}
