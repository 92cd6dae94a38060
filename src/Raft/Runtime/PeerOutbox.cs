using System.Runtime.InteropServices;

namespace Notebook.Raft.Runtime;

/// <summary>
/// What waits for one peer. Messages come in under their group's lock, so those of a group stay in order; one thread at a
/// time takes what is there into a frame and sends it, under no lock. What comes meanwhile shares the next frame.
/// </summary>
internal sealed class PeerOutbox(string server, IPeerTransport transport, RaftHostOptions options, HostCounts counts)
{
    private readonly Lock _lock = new();
    private List<GroupMessage> _waiting = [];
    private List<GroupMessage> _spare = [];
    private long _waitingBytes;
    private bool _isSending;
    private volatile bool _hasSome;

    public void Add(in GroupMessage message)
    {
        lock (_lock)
        {
            var bytes = message.Size;
            if (_waitingBytes > 0 && _waitingBytes + bytes > options.MaxOutboxBytes)
            {
                Interlocked.Increment(ref counts.MessagesDropped);
                return;
            }
            _waitingBytes += bytes;
            _waiting.Add(message);
            _hasSome = true;
        }
    }

    /// <summary>Sends what is there, unless another thread does: then that one goes on with it.</summary>
    public void Flush()
    {
        if (!_hasSome) return;
        while (TryTake() is { } taken)
        {
            Send(CollectionsMarshal.AsSpan(taken));
            lock (_lock)
            {
                taken.Clear();
                if (taken.Capacity > 256) taken.Capacity = 0;
                (_spare, _isSending) = (taken, false);
            }
        }
    }

    private List<GroupMessage>? TryTake()
    {
        lock (_lock)
        {
            if (_isSending || _waiting.Count == 0) return null;
            var taken = _waiting;
            (_waiting, _waitingBytes, _isSending, _hasSome) = (_spare, 0, true, false);
            return taken;
        }
    }

    private void Send(ReadOnlySpan<GroupMessage> messages)
    {
        while (!messages.IsEmpty)
        {
            var (count, bytes) = (1, messages[0].Size);
            while (count < messages.Length && bytes + messages[count].Size <= options.MaxFrameBytes) bytes += messages[count++].Size;
            if (transport.TrySend(server, PeerFrame.Write(messages[..count])))
            {
                Interlocked.Increment(ref counts.FramesSent);
                Interlocked.Add(ref counts.MessagesSent, count);
            }
            else Interlocked.Increment(ref counts.FramesRefused);
            messages = messages[count..];
        }
    }
}
