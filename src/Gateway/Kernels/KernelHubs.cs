using System.Collections.Concurrent;
using Notebook.Gateway.Cluster;

namespace Notebook.Gateway.Kernels;

/// <summary>The kernels that clients use at this gateway.</summary>
internal sealed class KernelHubs : IHostedService, IDisposable
{
    private readonly HubServices _services;
    private readonly ConcurrentDictionary<KernelId, KernelHub> _hubs = [];
    private ITimer? _sweep;

    public KernelHubs(HubServices services)
    {
        _services = services;
        services.ControlPlane.Restored += () =>
        {
            foreach (var hub in _hubs.Values) hub.MayBeForgotten();
        };
    }

    public int Connections => _hubs.Values.Sum(h => h.Connections);

    public int ConnectionsOf(KernelId id) => Find(id)?.Connections ?? 0;

    /// <summary>How many clients a kernel has: those that are here now, and those that other gateways have said.</summary>
    public int ConnectionsOf(KernelView view)
    {
        var hub = Find(view.Kernel);
        return (hub?.Connections ?? 0) + Math.Max(0, view.Connections - (hub?.ConnectionsTold ?? 0));
    }

    public KernelHub? Find(KernelId id) => _hubs.GetValueOrDefault(id);

    /// <summary>The hub of a kernel that exists; null when there is no such kernel.</summary>
    /// <exception cref="ControlPlaneUnavailableException">The kernel is new here, and the silo does not answer.</exception>
    public async Task<KernelHub?> OpenAsync(KernelId id)
    {
        if (_hubs.TryGetValue(id, out var known))
        {
            if (known.View.State != KernelState.Dead) return known;
            Remove(known);
        }

        var view = await _services.ControlPlane.CallAsync(g => g.Kernel(id).View());
        if (view is null or { State: KernelState.Dead }) return null;
        var made = new KernelHub(view, _services);
        var hub = _hubs.GetOrAdd(id, made);
        if (hub == made) hub.Start();
        return hub;
    }

    /// <summary>Forgets a hub that has closed itself.</summary>
    public void Remove(KernelHub hub) => _hubs.TryRemove(KeyValuePair.Create(hub.Id, hub));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _sweep = _services.Time.CreateTimer(_ => Sweep(), null, _services.Options.SweepEvery, _services.Options.SweepEvery);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        CloseAll();
        return Task.CompletedTask;
    }

    /// <summary>Sends every client away, to come back.</summary>
    public void CloseAll()
    {
        foreach (var hub in _hubs.Values) hub.Stop();
    }

    public void Dispose() => _sweep?.Dispose();

    private void Sweep()
    {
        foreach (var hub in _hubs.Values)
            if (!hub.Sweep()) Remove(hub);
    }
}
