namespace Notebook.Raft.Storage;

/// <summary>What an operator is to know of a disk that is too slow: every acknowledged cell waits for it.</summary>
/// <param name="Took">How long the last sync took.</param>
/// <param name="Longest">The longest since the last such word.</param>
/// <param name="Count">How many were slow since then.</param>
public readonly record struct SlowSync(TimeSpan Took, TimeSpan Longest, int Count);

/// <summary>Decides when to say that syncs take too long: at the first one, then once a minute while there are such. No clock, no IO.</summary>
internal sealed class SlowSyncs
{
    /// <summary>What is too slow. A good disk needs a few milliseconds, a follower is given up after half a second without a word.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>How often it is said at most.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private TimeSpan? _saidAt;
    private TimeSpan _longest;
    private int _count;

    /// <summary>A sync has ended.</summary>
    /// <param name="took">How long it took.</param>
    /// <param name="now">Time since some fixed point.</param>
    /// <returns>What is to be said; null for nothing.</returns>
    public SlowSync? Ended(TimeSpan took, TimeSpan now)
    {
        if (took <= Limit) return null;
        (_longest, _count) = (took > _longest ? took : _longest, _count + 1);
        if (now - _saidAt < Pause) return null;
        var said = new SlowSync(took, _longest, _count);
        (_saidAt, _longest, _count) = (now, TimeSpan.Zero, 0);
        return said;
    }
}
