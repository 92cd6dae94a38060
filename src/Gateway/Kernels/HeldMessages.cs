using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>Messages of clients that wait until the kernel can take them, in order. Bounded. Not safe for threads.</summary>
internal sealed class HeldMessages(int limit, long limitBytes)
{
    private readonly Queue<JupyterFrame> _messages = [];
    private long _bytes;

    public bool IsEmpty => _messages.Count == 0;

    /// <returns>False when too much waits already.</returns>
    public bool TryAdd(JupyterFrame message)
    {
        var size = message.CalculateSize();
        if (_messages.Count > 0 && (_messages.Count >= limit || _bytes + size > limitBytes)) return false;
        _messages.Enqueue(message);
        _bytes += size;
        return true;
    }

    public JupyterFrame? Peek() => _messages.TryPeek(out var message) ? message : null;

    public void RemoveFirst() => _bytes -= _messages.Dequeue().CalculateSize();

    public void Clear()
    {
        _messages.Clear();
        _bytes = 0;
    }
}
