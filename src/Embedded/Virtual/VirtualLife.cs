namespace Notebook.Embedded.Virtual;

/// <summary>
/// The life of one process in a <see cref="VirtualWorld"/>: its turns and its timers. When it has ended nothing of it runs any
/// more, in whatever state it was, as after a <c>kill -9</c>.
/// </summary>
/// <param name="world">Where it lives.</param>
/// <param name="turnsPerSlice">Turns of one grain that may run in a row before another is drawn; 1 mixes them most.</param>
public sealed class VirtualLife(VirtualWorld world, int turnsPerSlice = 1) : TimeProvider, ITurnScheduler
{
    /// <summary>Whether it has ended.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public int TurnsPerSlice => turnsPerSlice;

    /// <inheritdoc/>
    public override long TimestampFrequency => world.Clock.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => world.Clock.LocalTimeZone;

    /// <summary>Ends it, at once and for good.</summary>
    public void End() => HasEnded = true;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem slice)
    {
        if (!HasEnded) world.Enqueue(slice, this);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => world.Clock.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => world.Clock.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        world.Clock.CreateTimer(
            _ =>
            {
                if (!HasEnded) callback(state);
            },
            null, dueTime, period);
}
