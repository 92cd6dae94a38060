namespace Notebook.Grains.Servers;

/// <summary>
/// Decides who may use the GPUs of one server. Think of a cloakroom with numbered hooks: a kernel gets the lowest free
/// hooks for one execution, the same ones when it asks again, and everybody who found too few stands in one line that
/// nobody overtakes. No clock, no IO: same calls, same answers.
/// </summary>
/// <remarks>
/// Invariants: a device is in at most one lease; a kernel has at most one lease and one place in the line; the epoch
/// grows with every new lease. A lease whose epoch is above the stored <see cref="LeaseBook.ReservedEpoch"/> must not
/// leave before <see cref="Book"/> is stored.
/// </remarks>
internal sealed class GpuLeases
{
    private const long EpochsReserved = 1000;

    private readonly ServerId _server;
    private readonly Dictionary<KernelId, GpuLease> _leases;
    private readonly WaitingLine _line = new();
    private ImmutableArray<int> _devices = [];
    private long _epoch;

    public GpuLeases(ServerId server, LeaseBook book)
    {
        (_server, _epoch) = (server, book.ReservedEpoch);
        _leases = book.Leases.ToDictionary(l => l.Kernel);
    }

    /// <summary>What has to be stored; the next leases are covered by it.</summary>
    public LeaseBook Book => new() { ReservedEpoch = _epoch + EpochsReserved, Leases = [.. _leases.Values.OrderBy(l => l.Epoch)] };

    /// <summary>Of the newest lease ever granted.</summary>
    public long Epoch => _epoch;

    /// <summary>The leases in force.</summary>
    public IReadOnlyCollection<GpuLease> Held => _leases.Values;

    /// <summary>The lease of a device, or null when it is idle.</summary>
    public GpuLease? HolderOf(int device) => _leases.Values.FirstOrDefault(l => l.Devices.Contains(device));

    /// <summary>Says which devices there are; a lease of one that has gone stays until it is released.</summary>
    public void SetDevices(IEnumerable<int> devices) => _devices = [.. devices.Distinct().Order()];

    /// <summary>Asks for GPUs. A kernel that asks for another execution has given up its earlier one.</summary>
    /// <param name="kernel">Who asks.</param>
    /// <param name="execution">For what.</param>
    /// <param name="gpus">How many, 1 or more.</param>
    /// <param name="usable">Whether the server can run cells now.</param>
    public LeaseOutcome Request(KernelId kernel, long execution, int gpus, bool usable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gpus, 1);
        if (_leases.TryGetValue(kernel, out var held))
        {
            if (held.Execution == execution && held.Devices.Length == gpus) return new LeaseOutcome.Granted(held);
            _leases.Remove(kernel);
        }

        if (gpus > _devices.Length)
        {
            _line.Leave(kernel);
            return new LeaseOutcome.Impossible($"the cell asks for {gpus} GPUs, but server {_server} has {_devices.Length}");
        }

        var place = _line.Join(kernel, execution, gpus);
        var idle = Idle();
        if (!usable) return new LeaseOutcome.Full($"waiting for server {_server}: its agent is not connected at the moment");
        if (place.GpusAhead + gpus > idle.Length)
        {
            var line = place.CellsAhead == 0 ? "" : $", cells ahead: {place.CellsAhead}";
            return new LeaseOutcome.Full($"waiting for {gpus} of {_devices.Length} GPUs on server {_server}: {idle.Length} idle{line}");
        }

        _line.Leave(kernel);
        var lease = new GpuLease(_server, idle[..gpus], kernel, execution, ++_epoch);
        _leases.Add(kernel, lease);
        return new LeaseOutcome.Granted(lease);
    }

    /// <summary>After a crash: a kernel holds this lease, whether the book knew of it or not.</summary>
    /// <returns>False when its devices are somebody else's.</returns>
    public bool Adopt(GpuLease lease)
    {
        if (_leases.TryGetValue(lease.Kernel, out var held) && held.Execution == lease.Execution) return true;
        if (_leases.Values.Any(l => l.Kernel != lease.Kernel && l.Devices.Any(d => lease.Devices.Contains(d)))) return false;
        _leases[lease.Kernel] = lease;
        _epoch = Math.Max(_epoch, lease.Epoch);
        return true;
    }

    /// <summary>Gives back what <paramref name="kernel"/> holds or waits for up to and with this execution.</summary>
    /// <returns>Whether GPUs became idle.</returns>
    public bool Release(KernelId kernel, long execution)
    {
        _line.Leave(kernel, execution);
        return _leases.TryGetValue(kernel, out var lease) && lease.Execution <= execution && _leases.Remove(kernel);
    }

    /// <summary>Gives back everything of a kernel.</summary>
    /// <returns>Whether GPUs became idle.</returns>
    public bool ReleaseAll(KernelId kernel) => Release(kernel, long.MaxValue);

    /// <summary>The kernels from the head of the line for which there is room now, each named once until it asks again.</summary>
    public ImmutableArray<KernelId> Offers() => _line.Offers(Idle().Length);

    /// <summary>A second has passed: whoever does not answer an offer for long loses its place, so that it blocks nobody.</summary>
    public void Tick() => _line.Tick();

    private ImmutableArray<int> Idle()
    {
        var busy = _leases.Values.SelectMany(l => l.Devices).ToHashSet();
        return [.. _devices.Where(d => !busy.Contains(d))];
    }
}
