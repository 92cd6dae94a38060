namespace Notebook.Agent.Replicas;

/// <summary>Checks orders against the GPUs of this server: each GPU belongs to the newest lease that named it.</summary>
/// <param name="devices">How many GPUs there are.</param>
internal sealed class DeviceLeases(int devices)
{
    private readonly Lock _lock = new();
    private readonly long[] _newest = new long[devices];

    /// <summary>Whether there are any GPUs to lease here.</summary>
    public bool Any => _newest.Length > 0;

    /// <summary>Takes note of a lease.</summary>
    /// <returns>Why it is refused; null when it is fine.</returns>
    public string? Admit(IReadOnlyList<int> leased, long epoch)
    {
        lock (_lock)
        {
            foreach (var device in leased)
            {
                if (device < 0 || device >= _newest.Length) return $"GPU {device} is leased to it, but this server has {_newest.Length}";
                if (epoch < _newest[device]) return $"its lease {epoch} of GPU {device} is stale: lease {_newest[device]} came after it";
            }

            foreach (var device in leased) _newest[device] = epoch;
            return null;
        }
    }
}
