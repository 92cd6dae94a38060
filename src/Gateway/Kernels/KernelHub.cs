using Notebook.Gateway.Clients;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// One logical kernel at this gateway, for as long as clients use it here. Behind it are replicas that come and go;
/// before it are clients that come and go, by WebSocket and by ZMQ; they see one kernel that does neither.
/// <code>
///  clients ── requests ──▶ cells: Submissions ──▶ agent (Stage) + grain (Submit)
///                          others: HeldMessages while no replica takes any ──▶ agent (Forward)
///  clients ◀── OutputLog ◀── agent (Output), LocalMessages
///  views, endings ◀── grain (observer)
/// </code>
/// All state is under one lock, which is never held while anything is waited for.
/// </summary>
internal sealed partial class KernelHub
{
    private readonly Lock _gate = new();
    private readonly HubServices _services;
    private readonly ILogger _log;
    private KernelView _view;
    private LocalMessages _local;
    private bool _closed;

    public KernelHub(KernelView view, HubServices services)
    {
        (_view, _services) = (view, services);
        _log = services.Logs.CreateLogger<KernelHub>();
        _local = new LocalMessages(view.Session, services.Time);
        var options = services.Options;
        _out = new OutputLog(options.OutputLogBytes);
        _recent = new RecentCells(options.RecentBytes, options.OutstandingCells, options.DepartedFor);
        _departed = new DepartedSessions(options.DepartedFor);
        _held = new HeldMessages(options.HeldMessages, options.HeldBytes);
        _cells = new Submissions(options.OutstandingCells, options.OutstandingBytes);
        _watch = new KernelWatch(this, services);
        _deliverTimer = services.Time.CreateTimer(_ => TellDelivered(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _noticeTimer = services.Time.CreateTimer(_ => NoticeWaits(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public KernelId Id => _view.Kernel;

    /// <summary>The newest view that is known.</summary>
    public KernelView View
    {
        get
        {
            lock (_gate) return _view;
        }
    }

    public int Connections => _clients.Sum(c => c.Connections);

    /// <summary>How many of them the kernel's grain knows of.</summary>
    public int ConnectionsTold => _watch.ConnectionsTold;

    /// <summary>Begins to follow the kernel.</summary>
    public void Start()
    {
        lock (_gate) ChooseRoute_NeedsLock();
        _watch.Renew();
    }

    /// <summary>Regular upkeep.</summary>
    /// <returns>False when nobody needs the hub any more: it has closed itself.</returns>
    public bool Sweep()
    {
        var now = _services.Time.GetUtcNow();
        foreach (var client in _clients) client.CheckProgress();
        lock (_gate)
        {
            _departed.Forget(now);
            _recent.Forget(now);
            if (_clients.Length == 0 && _departed.IsEmpty && (_cells.Count == 0 || _view.State == KernelState.Dead))
            {
                Close_NeedsLock();
                return false;
            }

            ReleaseUnclaimed_NeedsLock();
            SweepRoutes_NeedsLock(now);
            SweepCells_NeedsLock(now);
        }

        PumpAll();
        _watch.RenewWhenDue();
        return true;
    }

    /// <summary>The silo is back, or the kernel's grain goes on from what it has stored: it may know less than we do.</summary>
    public void MayBeForgotten()
    {
        lock (_gate) _cells.SubmitAllAgain();
        _watch.Renew();
        BeginSubmitting();
    }

    /// <summary>Sends all clients away, to come back elsewhere or later.</summary>
    public void Stop()
    {
        foreach (var client in _clients) Close(client, SocketClose.Stopping);
    }

    /// <summary>Takes over a view unless a newer one is known.</summary>
    public void Adopt(KernelView view)
    {
        lock (_gate)
        {
            if (_closed || view.Version <= _view.Version) return;
            var old = _view;
            _view = view;
            if (view.Session != old.Session) _local = new LocalMessages(view.Session, _services.Time);
            if (view.Incarnation > old.Incarnation) Restarted_NeedsLock();
            if (HasLostExecutor(old, view)) _cells.SubmitAllAgain();   // one of them may have ended there, without its reply having come
            ChooseRoute_NeedsLock();
            WatchWaits_NeedsLock();
            if (view.State == KernelState.Dead && old.State != KernelState.Dead) Died_NeedsLock();
        }

        BeginSubmitting();
        PumpAll();
    }

    private static bool HasLostExecutor(KernelView old, KernelView view) =>
        old.Executor is { } executor && view.Executor != executor
        && !view.Replicas.Any(replica => replica.Id == executor && replica.Phase == Contracts.ReplicaPhase.Ready);

    /// <summary>The kernel's grain says that there is no such kernel any more.</summary>
    public void Gone()
    {
        KernelView view;
        lock (_gate) view = _view;
        Adopt(view with { Version = view.Version + 1, State = KernelState.Dead, Reason = view.Reason ?? "it was shut down" });
    }

    private void Died_NeedsLock()
    {
        foreach (var cell in _cells.All.ToArray())
            End_NeedsLock(new CellEnding(cell.MessageId, 0, CellEndKind.ExecutorLost, $"the kernel has ended: {_view.Reason ?? "it was shut down"}"));
        Append_NeedsLock(new OutEntry(_local.Dead(_view.Reason), null));
        _held.Clear();
    }

    private void Close_NeedsLock()
    {
        _closed = true;
        _watch.Stop();
        TellDelivered_NeedsLock();
        foreach (var route in _routes) route.Link.Detach(route);
        _routes.Clear();
        _route = null;
        _deliverTimer.Dispose();
        _noticeTimer.Dispose();
    }
}
