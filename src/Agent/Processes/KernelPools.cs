using System.Collections.Immutable;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Processes;

/// <summary>The pools of a server, one for each kernelspec, all of one size: what the silo asks for, as far as memory allows.</summary>
internal sealed class KernelPools : IDisposable
{
    private readonly ImmutableDictionary<string, ProcessPool> _pools;
    private readonly Func<(long TotalMb, long UsedMb)> _memory;
    private readonly int _own;
    private readonly CancellationToken _stop;

    /// <summary>Makes the pools of these factories.</summary>
    /// <param name="factories">By the names of their kernelspecs.</param>
    /// <param name="own">How many to keep warm until the silo says something else.</param>
    /// <param name="memory">The machine's memory; zeros where that is not known.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Makes the pools' log.</param>
    /// <param name="stop">Who waits for a process then waits no longer.</param>
    public KernelPools(
        ImmutableDictionary<string, ProcessFactory> factories,
        int own,
        Func<(long TotalMb, long UsedMb)> memory,
        TimeProvider time,
        ILoggerFactory logs,
        CancellationToken stop)
    {
        (_own, _memory, _stop) = (own, memory, stop);
        _pools = factories.ToImmutableDictionary(
            pair => pair.Key, pair => new ProcessPool(pair.Key, own, pair.Value, time, logs.CreateLogger<ProcessPool>()));
    }

    /// <summary>Takes a process of a kernelspec.</summary>
    /// <exception cref="ProcessStartException">There is none, and none can be made.</exception>
    public Task<KernelProcess> TakeAsync(string spec) => _pools.TryGetValue(spec, out var pool)
        ? pool.TakeAsync(_stop)
        : Task.FromException<KernelProcess>(new ProcessStartException(
            $"kernelspec '{spec}' is not on this server: it has {string.Join(", ", _pools.Keys.Order())}"));

    /// <summary>The silo says how many to keep warm.</summary>
    public void Obey(SetPool order)
    {
        var figures = Figures;
        var (total, used) = _memory();
        var size = PoolRules.Size(
            order.HasSize ? order.Size : _own, _pools.Count, figures.Warm, figures.ProcessMemoryMb, total > 0 ? total - used : null);
        foreach (var pool in _pools.Values) pool.Resize(size);
    }

    /// <summary>Says in a report to the silo what the pools have and measured.</summary>
    public void Describe(Load load)
    {
        var figures = Figures;
        load.WarmProcesses = figures.Warm;
        load.Pool = new PoolLoad
        {
            Target = _pools.Values.Select(pool => pool.Size).DefaultIfEmpty().Max(),
            Hits = figures.Hits,
            Misses = figures.Misses,
            StartUs = Microseconds(figures.StartTime),
            HoldingUs = Microseconds(figures.HoldingTime),
            ProcessMemoryMb = figures.ProcessMemoryMb,
        };
    }

    /// <summary>Ends the pools: who waits is told, what is warm is left to its fork server.</summary>
    public void Dispose()
    {
        foreach (var pool in _pools.Values) pool.Dispose();
    }

    private PoolFigures Figures => PoolFigures.Of([.. _pools.Values.Select(pool => pool.Figures)]);

    private static long Microseconds(TimeSpan? time) => (long)Math.Min(time?.TotalMicroseconds ?? 0, TimeSpan.FromDays(1).TotalMicroseconds);
}
