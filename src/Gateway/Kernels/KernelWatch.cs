using Notebook.Gateway.Cluster;

namespace Notebook.Gateway.Kernels;

/// <summary>Keeps a hub's subscription to its kernel's grain alive, and hands it what the grain says.</summary>
internal sealed partial class KernelWatch(KernelHub hub, HubServices services) : IKernelObserver
{
    private readonly ILogger _log = services.Logs.CreateLogger<KernelWatch>();
    private readonly Lock _gate = new();
    private IKernelObserver? _reference;
    private DateTimeOffset _renewedAt;
    private bool _stopped;
    private volatile int _connectionsTold;

    /// <summary>How many clients the kernel's grain was told of last.</summary>
    public int ConnectionsTold => _connectionsTold;

    public void Renew()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _renewedAt = services.Time.GetUtcNow();
            _connectionsTold = hub.Connections;
            _reference ??= services.ControlPlane.Grains.Reference(this);
        }

        _ = RenewAsync(_reference, _connectionsTold);
    }

    public void RenewWhenDue()
    {
        lock (_gate)
        {
            if (services.Time.GetUtcNow() - _renewedAt < services.Options.RenewEvery && hub.Connections == _connectionsTold) return;
        }

        Renew();
    }

    public void Stop()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
        }

        if (_reference is { } reference) _ = StopAsync(reference);
    }

    Task IKernelObserver.Changed(KernelView view)
    {
        if (view.Kernel == hub.Id) hub.Adopt(view);
        return Task.CompletedTask;
    }

    Task IKernelObserver.CellEnded(KernelId kernel, CellEnding ending)
    {
        if (kernel == hub.Id) hub.CellEnded(ending);
        return Task.CompletedTask;
    }

    Task IKernelObserver.BeginsAnew(KernelId kernel)
    {
        if (kernel == hub.Id) hub.MayBeForgotten();
        return Task.CompletedTask;
    }

    private async Task RenewAsync(IKernelObserver reference, int connections)
    {
        try
        {
            var had = hub.SubmittedCells;
            var view = await services.ControlPlane.CallAsync(g => g.Kernel(hub.Id).Subscribe(reference, connections));
            if (view is null) hub.Gone();
            else hub.Renewed(view, had);
        }
        catch (ControlPlaneUnavailableException)
        {
            // Renewed when the control plane is back: it announces that.
        }
        catch (Exception e)
        {
            LogRenewFailed(e, hub.Id);   // and tried again when it is due
        }
    }

    private async Task StopAsync(IKernelObserver reference)
    {
        try
        {
            await services.ControlPlane.Grains.Kernel(hub.Id).Unsubscribe(reference);
        }
        catch (Exception e) when (ControlPlane.IsUnavailable(e))
        {
            // The subscription ends by itself after two minutes.
        }

        services.ControlPlane.Grains.Forget(reference);
    }

    [LoggerMessage(EventId = 5304, Level = LogLevel.Error, Message = "Kernel {Kernel}: its grain failed on the subscription")]
    private partial void LogRenewFailed(Exception e, KernelId kernel);
}
