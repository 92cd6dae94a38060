using System.Diagnostics.CodeAnalysis;
using Notebook.JupyterWire;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Processes;

/// <summary>Messages for a process that its thread has not handed to ZMQ yet. Bounded: a kernel that reads nothing stops its senders.</summary>
internal sealed class ProcessInbox
{
    private const int MaxMessages = 10_000;
    private const long MaxBytes = 256L << 20;
    private readonly Lock _lock = new();
    private readonly Dictionary<Channel, Queue<JupyterMessage>> _waiting = new()
    {
        [Channel.Shell] = [],
        [Channel.Control] = [],
        [Channel.Stdin] = [],
    };

    private int _messages;
    private long _bytes;

    /// <summary>Adds a message; false when the inbox is full.</summary>
    public bool TryAdd(Channel channel, JupyterMessage message)
    {
        lock (_lock)
        {
            if (_messages == MaxMessages || (_bytes + message.Size > MaxBytes && _messages > 0)) return false;
            _messages++;
            _bytes += message.Size;
            _waiting[channel].Enqueue(message);
            return true;
        }
    }

    /// <summary>The oldest message of a channel; it stays.</summary>
    public bool TryPeek(Channel channel, [MaybeNullWhen(false)] out JupyterMessage message)
    {
        lock (_lock) return _waiting[channel].TryPeek(out message);
    }

    /// <summary>Takes the oldest message of a channel away.</summary>
    public void Remove(Channel channel)
    {
        lock (_lock)
        {
            _messages--;
            _bytes -= _waiting[channel].Dequeue().Size;
        }
    }
}
