namespace Notebook.Grains.Policies;

/// <summary>A kernel gives its processes back when nobody has used it for a time.</summary>
/// <param name="after">How long.</param>
public sealed class ReclaimIdle(TimeSpan after) : IReclaimPolicy
{
    private const int LooksInTime = 10;   // so that a kernel is reclaimed at most a tenth of the time too late
    private static readonly TimeSpan s_mostOften = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_leastOften = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string Name => "idle";

    /// <inheritdoc/>
    public TimeSpan? Every { get; } = TimeSpan.FromTicks(Math.Clamp(after.Ticks / LooksInTime, s_mostOften.Ticks, s_leastOften.Ticks));

    /// <inheritdoc/>
    public ReclaimDecision Decide(DateTimeOffset now, ReclaimKernel kernel) => kernel.UnusedAt(now) >= after
        ? new(true, $"nobody has used it for {TimeWords.Of(after)}")
        : new(false, $"it was used less than {TimeWords.Of(after)} ago");
}
