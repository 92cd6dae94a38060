namespace Notebook.Grains.Policies;

/// <summary>
/// First come, first served, but whoever has much lets others pass: a cell counts as if it had come 30 s later for each GPU that
/// its user's other cells hold, or wait for before it, at most ten minutes. So nobody starves anybody, and nobody waits for ever.
/// </summary>
public sealed class FairQueue : IQueuePolicy
{
    private static readonly TimeSpan s_perGpu = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string Name => "fair";

    /// <inheritdoc/>
    public ImmutableArray<int> Order(QueueView queue)
    {
        var gpus = new Dictionary<string, int>(StringComparer.Ordinal);
        var turns = new DateTimeOffset[queue.Waiting.Length];
        for (var i = 0; i < turns.Length; i++)
        {
            var cell = queue.Waiting[i];
            var has = gpus.TryGetValue(cell.User, out var known) ? known : queue.HeldGpus.GetValueOrDefault(cell.User);
            var later = s_perGpu * has;
            turns[i] = cell.Since + (later < s_limit ? later : s_limit);
            gpus[cell.User] = has + cell.Amounts.Gpus;
        }

        return [.. Enumerable.Range(0, turns.Length).OrderBy(i => turns[i])];
    }
}
