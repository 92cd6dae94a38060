namespace Notebook.Simulator.Traces;

/// <summary>How large a synthetic trace is.</summary>
/// <param name="Sessions">Its sessions; 1 to <see cref="MaxSessions"/>.</param>
/// <param name="Length">From its start to its end; 1 minute to ten years, of which whole minutes count.</param>
/// <param name="Cells">
/// About how many cells; 1 to <see cref="MaxCells"/>, null for as many as so many sessions have by themselves (about 200 each in a
/// month). Each session has at least one, and what would be submitted past the end is not there.
/// </param>
public sealed record TraceSize(int Sessions, TimeSpan Length, long? Cells = null)
{
    /// <summary>The most sessions.</summary>
    public const int MaxSessions = 1_000_000;

    /// <summary>The most cells that can be asked for.</summary>
    public const long MaxCells = 100_000_000;

    /// <summary>The size of the June trace.</summary>
    public static TraceSize June { get; } = new(456, TimeSpan.FromDays(30));

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Sessions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Sessions, MaxSessions);
        ArgumentOutOfRangeException.ThrowIfLessThan(Length, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Length, TimeSpan.FromDays(3_650));
        if (Cells is not { } cells) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cells, MaxCells);
    }
}
