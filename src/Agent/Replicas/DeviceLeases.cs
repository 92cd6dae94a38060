namespace Notebook.Agent.Replicas;

/// <summary>
/// Checks orders against the GPUs of this server: each GPU belongs to the newest lease that named it, and a lease that the silo
/// does not renew ends with its term. No clock of its own, no IO.
/// </summary>
/// <param name="devices">The indices of the GPUs that are here: of a machine's GPUs some may be another agent's, or out of use.</param>
internal sealed class DeviceLeases(IReadOnlyCollection<int> devices)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, long> _newest = new(devices.ToDictionary(device => device, _ => 0L));
    private readonly Dictionary<long, Held> _held = [];

    /// <summary>
    /// Raised when a lease ends under its cell, with its epoch and why: a newer one names its GPUs, or its term is over. On the
    /// thread of whoever found out, under its locks: handlers do what takes longer elsewhere.
    /// </summary>
    public event Action<long, string>? Ended;

    /// <summary>Whether there are any GPUs to lease here.</summary>
    public bool Any => _newest.Count > 0;

    /// <summary>Takes note of a lease.</summary>
    /// <param name="leased">Its GPUs; none for a cell without GPUs.</param>
    /// <param name="epoch">Of two leases the newer has the higher.</param>
    /// <param name="term">How long it holds without being renewed.</param>
    /// <param name="now">The time.</param>
    /// <returns>Why it is refused; null when it holds.</returns>
    public string? Admit(IReadOnlyList<int> leased, long epoch, TimeSpan term, DateTimeOffset now)
    {
        long[] superseded;
        lock (_lock)
        {
            foreach (var device in leased)
            {
                if (!_newest.TryGetValue(device, out var newest))
                    return $"GPU {device} is leased to it, but this server has {(Any ? string.Join(", ", _newest.Keys) : "none")}";
                if (epoch < newest) return $"its lease {epoch} of GPU {device} is stale: lease {newest} came after it";
            }

            if (leased.Count == 0) return null;
            superseded = [.. _held.Where(h => h.Key < epoch && h.Value.Devices.Intersect(leased).Any()).Select(h => h.Key)];
            foreach (var device in leased) _newest[device] = epoch;
            foreach (var older in superseded) _held.Remove(older);
            _held[epoch] = new Held([.. leased], term, now + term);
        }

        foreach (var older in superseded) Ended?.Invoke(older, $"lease {epoch} of its GPUs came after its lease {older}");
        return null;
    }

    /// <summary>The silo says that these go on.</summary>
    public void Renew(IEnumerable<long> epochs, DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var epoch in epochs)
            {
                if (_held.TryGetValue(epoch, out var held)) _held[epoch] = held with { End = now + held.Term };
            }
        }
    }

    /// <summary>The cell of a lease has ended. Again is no error.</summary>
    /// <returns>Whether it was held.</returns>
    public bool Release(long epoch)
    {
        lock (_lock) return _held.Remove(epoch);
    }

    /// <summary>Ends the leases whose term is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        KeyValuePair<long, Held>[] over;
        lock (_lock)
        {
            over = [.. _held.Where(h => h.Value.End <= now)];
            foreach (var (epoch, _) in over) _held.Remove(epoch);
        }

        foreach (var (epoch, held) in over)
            Ended?.Invoke(epoch, $"its lease of the GPUs was not renewed for {held.Term.TotalMinutes:0} minutes");
    }

    private sealed record Held(int[] Devices, TimeSpan Term, DateTimeOffset End);
}
