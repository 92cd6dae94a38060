namespace Notebook.Grains.Servers;

/// <summary>
/// Decides who may use the GPUs of one server, and the CPU and memory that go with them. Think of a cloakroom with numbered
/// hooks: a kernel gets the lowest free hooks for one execution, the same ones when it asks again. Who finds too few waits
/// elsewhere, in the cluster's queue, which may have hooks kept for somebody as they become free. No clock, no IO: same
/// calls, same answers.
/// </summary>
/// <remarks>
/// Invariants: a device is in at most one lease; a kernel has at most one lease; what is committed and what is idle are
/// together what there is; the epoch grows with every new lease. A lease whose epoch is above the stored
/// <see cref="LeaseBook.ReservedEpoch"/> must not leave before <see cref="Book"/> is stored.
/// </remarks>
internal sealed class GpuLeases
{
    /// <summary>Ticks (seconds) after which what is kept for a waiting cell lapses, unless it is kept anew.</summary>
    public const int HoldTicks = 30;

    private const long EpochsReserved = 1000;

    private readonly ServerId _server;
    private readonly Dictionary<KernelId, GpuLease> _leases;
    private readonly Dictionary<KernelId, Hold> _holds = [];
    private ImmutableArray<GpuInfo> _devices = [];
    private ResourceAmounts _spec;
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

    /// <summary>What there is.</summary>
    public ResourceAmounts Spec => _spec;

    /// <summary>What the leases hold; of devices that have gone nothing.</summary>
    public ResourceAmounts Committed
    {
        get
        {
            ResourceAmounts sum = default;
            foreach (var lease in _leases.Values) sum += lease.Amounts with { Gpus = lease.Devices.Count(IsThere) };
            return AtMost(sum, _spec);
        }
    }

    /// <summary>The GPUs that the cells of each user hold.</summary>
    public ImmutableArray<UserGpus> Users =>
        [.. _leases.Values.GroupBy(l => l.User, StringComparer.Ordinal).Select(g => new UserGpus(g.Key, g.Sum(l => l.Devices.Length)))];

    /// <summary>Whether anything is kept, which may lapse.</summary>
    public bool KeepsAny => _holds.Count > 0;

    /// <summary>What is kept for cells that wait.</summary>
    public ResourceAmounts Kept
    {
        get
        {
            ResourceAmounts sum = default;
            foreach (var hold in _holds.Values) sum += hold.Amounts;
            return sum;
        }
    }

    /// <summary>The lease of a device, or null when it is idle.</summary>
    public GpuLease? HolderOf(int device)
    {
        foreach (var lease in _leases.Values)
        {
            if (lease.Devices.Contains(device)) return lease;
        }

        return null;
    }

    /// <summary>Says what there is; a lease of a device that has gone stays until it is released.</summary>
    public void SetSpec(ImmutableArray<GpuInfo> devices, int milliCpus, long memoryMb)
    {
        _devices = [.. devices.DistinctBy(d => d.Index).OrderBy(d => d.Index)];
        _spec = new(_devices.Length, _devices.Sum(d => d.MemoryMb), milliCpus, memoryMb);
    }

    /// <summary>Asks for GPUs. A kernel that asks for another execution has given up its earlier one.</summary>
    /// <param name="kernel">Which kernel asks.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="execution">For what.</param>
    /// <param name="amounts">How much, 1 GPU or more.</param>
    /// <param name="usable">Whether the server can run cells now.</param>
    public LeaseOutcome Request(KernelId kernel, string user, long execution, in ResourceAmounts amounts, bool usable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amounts.Gpus, 1);
        if (_leases.TryGetValue(kernel, out var held))
        {
            if (held.Execution == execution && held.Amounts == amounts) return new LeaseOutcome.Granted(held);
            _leases.Remove(kernel);
        }

        if (_holds.TryGetValue(kernel, out var hold) && hold.Execution < execution) _holds.Remove(kernel);
        if (!amounts.FitsIn(_spec) || !HasMemory(_devices, amounts))
            return new LeaseOutcome.Impossible($"the cell asks for {amounts}, but server {_server} has {_spec}");
        if (!usable) return new LeaseOutcome.Full($"server {_server}: its agent is not connected at the moment");
        var idle = _spec - Committed;
        var free = idle - KeptForOthers(kernel);
        if (!amounts.FitsIn(free) || Choose(amounts) is not { } devices)
        {
            var kept = amounts.FitsIn(idle) ? ", kept for a cell that waits longer" : "";
            return new LeaseOutcome.Full($"server {_server} has {Shortage(amounts, idle)} idle{kept}");
        }

        _holds.Remove(kernel);
        var lease = new GpuLease(_server, devices, kernel, execution, ++_epoch) { Amounts = amounts, User = user };
        _leases.Add(kernel, lease);
        return new LeaseOutcome.Granted(lease);
    }

    /// <summary>Keeps room for an execution that waits. Again: for another <see cref="HoldTicks"/>.</summary>
    /// <param name="kernel">Whose.</param>
    /// <param name="execution">The execution.</param>
    /// <param name="amounts">How much.</param>
    /// <param name="isIdle">Whether it is idle, and offered. What is only to become idle stands back behind offers.</param>
    public void Keep(KernelId kernel, long execution, in ResourceAmounts amounts, bool isIdle)
    {
        if (_leases.TryGetValue(kernel, out var lease) && lease.Execution >= execution) return;   // it has what it waited for
        _holds[kernel] = new Hold(execution, amounts, isIdle);
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

    /// <summary>Gives back what <paramref name="kernel"/> holds or has kept up to and with this execution.</summary>
    /// <returns>Whether there was a lease.</returns>
    public bool Release(KernelId kernel, long execution)
    {
        if (_holds.TryGetValue(kernel, out var hold) && hold.Execution <= execution) _holds.Remove(kernel);
        return _leases.TryGetValue(kernel, out var lease) && lease.Execution <= execution && _leases.Remove(kernel);
    }

    /// <summary>Gives back everything of a kernel.</summary>
    /// <returns>Whether there was a lease.</returns>
    public bool ReleaseAll(KernelId kernel) => Release(kernel, long.MaxValue);

    /// <summary>A second has passed: what is kept for somebody who is not heard of any more becomes free, so that it blocks nobody.</summary>
    /// <returns>Whether something lapsed.</returns>
    public bool Tick()
    {
        var lapsed = false;
        foreach (var (kernel, hold) in _holds.ToArray())
        {
            if (++hold.Ticks < HoldTicks) continue;
            lapsed |= _holds.Remove(kernel);
        }

        return lapsed;
    }

    private ResourceAmounts KeptForOthers(KernelId kernel)
    {
        ResourceAmounts sum = default;
        var hasOffer = _holds.TryGetValue(kernel, out var own) && own.IsIdle;
        foreach (var (holder, hold) in _holds)
        {
            if (holder != kernel && (hold.IsIdle || !hasOffer)) sum += hold.Amounts;
        }

        return sum;
    }

    /// <summary>The lowest idle devices, or those with the most memory where these have too little; null when no idle ones have enough.</summary>
    private ImmutableArray<int>? Choose(in ResourceAmounts amounts)
    {
        var idle = _devices.Where(d => HolderOf(d.Index) is null).ToImmutableArray();
        if (idle.Length < amounts.Gpus) return null;
        if (idle.Take(amounts.Gpus).Sum(d => d.MemoryMb) < amounts.GpuMemoryMb)
        {
            idle = [.. idle.OrderByDescending(d => d.MemoryMb)];
            if (!HasMemory(idle, amounts)) return null;
        }

        return [.. idle.Take(amounts.Gpus).Select(d => d.Index).Order()];
    }

    private bool IsThere(int device) => _devices.Any(d => d.Index == device);

    private static bool HasMemory(ImmutableArray<GpuInfo> devices, in ResourceAmounts amounts) =>
        amounts.GpuMemoryMb == 0 || devices.OrderByDescending(d => d.MemoryMb).Take(amounts.Gpus).Sum(d => d.MemoryMb) >= amounts.GpuMemoryMb;

    private static ResourceAmounts AtMost(in ResourceAmounts one, in ResourceAmounts limit) => new(
        Math.Min(one.Gpus, limit.Gpus), Math.Min(one.GpuMemoryMb, limit.GpuMemoryMb),
        Math.Min(one.MilliCpus, limit.MilliCpus), Math.Min(one.MemoryMb, limit.MemoryMb));

    /// <summary>Of what there is, that of which there is too little.</summary>
    private string Shortage(in ResourceAmounts amounts, in ResourceAmounts idle)
    {
        if (amounts.Gpus > idle.Gpus || amounts.FitsIn(idle)) return $"{idle.Gpus} of {_spec.Gpus} GPUs";
        if (amounts.MilliCpus > idle.MilliCpus) return $"{idle.MilliCpus} of {_spec.MilliCpus} milli-CPUs";
        if (amounts.MemoryMb > idle.MemoryMb) return $"{idle.MemoryMb} of {_spec.MemoryMb} MB of memory";
        return $"too little GPU memory on the {idle.Gpus} GPUs that are";
    }

    private sealed class Hold(long execution, ResourceAmounts amounts, bool isIdle)
    {
        public bool IsIdle { get; } = isIdle;

        public long Execution { get; } = execution;

        public ResourceAmounts Amounts { get; } = amounts;

        /// <summary>Since it was kept, or kept anew.</summary>
        public int Ticks { get; set; }
    }
}
