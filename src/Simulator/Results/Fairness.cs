namespace Notebook.Simulator.Results;

/// <summary>
/// How evenly sessions are served: Jain's index over the mean slowdown of each. A cell's slowdown is its time from submission to
/// reply over its time from start to reply, which counts as a second at least. The index is 1 when all sessions are slowed down
/// alike, however much, and one over the number of sessions when a single one bears it all.
/// </summary>
internal static class Fairness
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    /// <summary>The index over sessions with a cell that ended well; null when there is none.</summary>
    internal static double? Jain(IEnumerable<CellFact> cells)
    {
        var (count, sum, squares) = (0, 0.0, 0.0);
        foreach (var session in cells.Where(cell => cell.Outcome == CellEnd.Ok).GroupBy(cell => cell.Session))
        {
            var slowdown = session.Average(Slowdown);
            (count, sum, squares) = (count + 1, sum + slowdown, squares + slowdown * slowdown);
        }
        return count == 0 ? null : sum * sum / (count * squares);
    }

    private static double Slowdown(CellFact cell)
    {
        var run = cell.Ended!.Value - cell.Started!.Value;
        var wait = cell.Started.Value - cell.Submitted;
        return (double)(wait + (run > s_shortest ? run : s_shortest)).Ticks / (run > s_shortest ? run : s_shortest).Ticks;
    }
}
