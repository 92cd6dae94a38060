using System.Collections.Concurrent;
using Notebook.JupyterWire;

namespace Notebook.Gateway.Kernels;

/// <summary>The kernels' ZMQ ports at this gateway: the doors say which there are, and who is asked <c>connect_request</c> asks for them.</summary>
internal sealed class OpenPorts
{
    private readonly ConcurrentDictionary<KernelId, KernelConnection> _ports = new();

    /// <summary>Opens a kernel's ports; null where they cannot be. Set by the doors.</summary>
    public Func<KernelId, Task<KernelConnection?>>? Opener { get; set; }

    /// <summary>A kernel's ports, opened now unless they are; null where they cannot be.</summary>
    public async Task<KernelConnection?> OpenAsync(KernelId kernel) =>
        _ports.GetValueOrDefault(kernel) ?? (Opener is { } open ? await open(kernel) : null);

    public void Add(KernelId kernel, KernelConnection connection) => _ports[kernel] = connection;

    public void Remove(KernelId kernel) => _ports.TryRemove(kernel, out _);
}
