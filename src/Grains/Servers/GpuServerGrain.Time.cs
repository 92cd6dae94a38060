namespace Notebook.Grains.Servers;

/// <summary>
/// What time brings. A server that nothing happens at costs nothing: it ticks while there is something to look after, and cares
/// for leases while there are any.
/// </summary>
internal sealed partial class GpuServerGrain
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    /// <summary>A timer may be early by the clock that the grace is measured with: then it is looked again, this much later.</summary>
    private static readonly TimeSpan s_judgeAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>After a grant, and between two looks then: a lease whose kernel has it is likely to be all right for long.</summary>
    private static readonly (TimeSpan First, TimeSpan Then) s_care = (TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    private IGrainTimer? _ticking;
    private IGrainTimer? _caring;
    private int _ticksSinceLoad;

    /// <summary>Ticks from now on, every second, until there is nothing to look after.</summary>
    private void TickOn() => _ticking ??= this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(s_tick, s_tick) { KeepAlive = true });

    private async Task TickAsync()
    {
        var lapsed = _leases.Tick();
        await JudgeAsync();
        if (_bookIsBehind) await StoreBookAsync();
        var tellsLoad = _toldLoad != _load && ++_ticksSinceLoad >= TicksBetweenLoads;
        if (tellsLoad) _ticksSinceLoad = 0;
        if (lapsed || tellsLoad) await TellManagerAsync();
        if (_bookIsBehind || _leases.KeepsAny || _health.State == ServerState.Suspect || (_toldLoad != _load && record.State.BootId.Length > 0)) return;
        _ticking?.Dispose();
        _ticking = null;
    }

    /// <summary>There is a lease that has to be renewed at the agent, and that its kernel might have forgotten.</summary>
    private void CareForLeases()
    {
        if (_leases.Held.Count > 0 && _caring is null) _caring = this.RegisterGrainTimer(CareAsync, new GrainTimerCreationOptions(s_care.First, s_care.Then) { KeepAlive = true });
    }

    private async Task CareAsync()
    {
        await ReconcileAsync();
        Renew();
        if (_leases.Held.Count > 0) return;
        _caring?.Dispose();
        _caring = null;
    }

    /// <summary>The agent ends leases that it does not hear of for <see cref="GpuLease.Term"/>.</summary>
    private void Renew()
    {
        if (_leases.Held.Count > 0) agents.TrySend(Id, new AgentCommand.RenewLeases([.. _leases.Held.Select(l => l.Epoch)]));
    }

    /// <summary>
    /// Ends leases that nobody claims: after a crash between a grant and the kernel's note of it, or between a kernel's
    /// release and our note of that, no GPU may stay taken for ever.
    /// </summary>
    private async Task ReconcileAsync()
    {
        foreach (var lease in _leases.Held.ToArray())
        {
            var kernel = await GrainFactory.GetGrain<IKernelGrain>(lease.Kernel.Value).View();
            if (kernel is not null && (kernel.Reserved?.Epoch == lease.Epoch || kernel.Cells.Any(c => c.Execution == lease.Execution))) continue;
            if (!_leases.Release(lease.Kernel, lease.Execution)) continue;
            LogReconciled(Id, lease.Kernel, lease.Execution, string.Join(',', lease.Devices));
            BookIsBehind();
            await TellManagerAsync();
        }
    }

    private void BookIsBehind()
    {
        _bookIsBehind = true;
        TickOn();
    }

    private async Task StoreBookAsync()
    {
        book.State = _leases.Book;
        await StoreAsync(book);
        _bookIsBehind = false;
    }
}
