using System.Collections.Concurrent;
using Notebook.JupyterWire;

namespace Notebook.Gateway.Kernels;

/// <summary>Which kernels have ZMQ ports at this gateway: the doors write it, and who is asked <c>connect_request</c> reads it.</summary>
internal sealed class OpenPorts
{
    private readonly ConcurrentDictionary<KernelId, KernelConnection> _ports = new();

    public KernelConnection? this[KernelId kernel] => _ports.GetValueOrDefault(kernel);

    public void Add(KernelId kernel, KernelConnection connection) => _ports[kernel] = connection;

    public void Remove(KernelId kernel) => _ports.TryRemove(kernel, out _);
}
