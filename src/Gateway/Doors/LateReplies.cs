using Notebook.JupyterWire.Zmq;

namespace Notebook.Gateway.Doors;

/// <summary>
/// Replies whose clients are not there, or have no room: one that connects again after a break is on its way on each of its
/// sockets by itself. Bounded in number and time. Not safe for threads.
/// </summary>
/// <param name="keptFor">How long a reply waits.</param>
/// <param name="limit">How many may wait; the oldest makes room.</param>
internal sealed class LateReplies(TimeSpan keptFor, int limit = 1000)
{
    private readonly LinkedList<(ZmqSocket Socket, IReadOnlyList<ReadOnlyMemory<byte>> Frames, DateTimeOffset Since)> _waiting = new();

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Has a reply wait.</summary>
    /// <returns>How many had to go for it.</returns>
    public int Add(ZmqSocket socket, IReadOnlyList<ReadOnlyMemory<byte>> frames, DateTimeOffset now)
    {
        _waiting.AddLast((socket, frames, now));
        if (_waiting.Count <= limit) return 0;
        _waiting.RemoveFirst();
        return 1;
    }

    /// <summary>Tries them again.</summary>
    /// <returns>How many have waited too long, and are gone.</returns>
    public int Retry(DateTimeOffset now)
    {
        var gone = 0;
        for (var node = _waiting.First; node is not null;)
        {
            var (next, isOver) = (node.Next, now - node.Value.Since >= keptFor);
            var sent = node.Value.Socket.TrySend(node.Value.Frames);
            if (sent || isOver) _waiting.Remove(node);
            if (!sent && isOver) gone++;
            node = next;
        }

        return gone;
    }
}
