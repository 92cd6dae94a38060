namespace Notebook.Agent.Processes;

/// <summary>What pools measured, of one kernelspec or of all of a server.</summary>
/// <param name="Warm">Processes that are ready.</param>
/// <param name="Hits">Starts that found one.</param>
/// <param name="Misses">Starts that had to wait for one.</param>
/// <param name="StartTime">How long a process takes to make; null while unknown.</param>
/// <param name="HoldingTime">How long a place stays empty after a start; null while unknown.</param>
/// <param name="ProcessMemoryMb">Memory that a warm process takes for itself, in MB; 0 while unknown.</param>
internal readonly record struct PoolFigures(
    int Warm, long Hits, long Misses, TimeSpan? StartTime, TimeSpan? HoldingTime, long ProcessMemoryMb)
{
    /// <summary>Of all pools together: times weigh as much as the starts that they were measured at, memory is that of the largest.</summary>
    public static PoolFigures Of(IReadOnlyCollection<PoolFigures> pools) => new(
        pools.Sum(pool => pool.Warm),
        pools.Sum(pool => pool.Hits),
        pools.Sum(pool => pool.Misses),
        Average(pools, pool => pool.StartTime),
        Average(pools, pool => pool.HoldingTime),
        pools.Select(pool => pool.ProcessMemoryMb).DefaultIfEmpty().Max());

    private static TimeSpan? Average(IReadOnlyCollection<PoolFigures> pools, Func<PoolFigures, TimeSpan?> timeOf)
    {
        var known = pools.Where(pool => timeOf(pool) is not null).ToArray();
        if (known.Length == 0) return null;
        var weights = known.Sum(Weight);
        return TimeSpan.FromTicks((long)known.Sum(pool => timeOf(pool)!.Value.Ticks * (Weight(pool) / weights)));
    }

    private static double Weight(PoolFigures pool) => 1 + pool.Hits + pool.Misses;
}
