using Notebook.Embedded.Hosting;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>
/// Where a client's calls go: straight to the connection while there is one, and else into a bounded queue, in order,
/// until there is one. Those whose callers have given up are dropped.
/// </summary>
internal sealed class CallQueue(int capacity)
{
    private readonly Queue<GrainCall> _waiting = new();
    private Func<GrainCall, bool>? _send;
    private Func<GrainCall, Exception>? _closed;

    /// <returns>True when it waits here.</returns>
    public bool SendOrKeep(GrainCall call)
    {
        while (true)
        {
            Func<GrainCall, bool>? send;
            Exception? refusal = null;
            lock (_waiting)
            {
                send = _send;
                if (send is null) refusal = Keep_NeedsLock(call);
            }

            if (refusal is not null) call.Fail(refusal);
            if (send is null) return refusal is null;
            if (send(call)) return false;
            Shut(send);   // it has ended, and whoever serves it has not said so yet
        }
    }

    /// <summary>There is a connection.</summary>
    /// <param name="send">Sends over it; false when it has ended and nothing was sent.</param>
    public void Open(Func<GrainCall, bool> send)
    {
        // Under the lock: a call that comes now must not overtake those that wait.
        lock (_waiting)
        {
            while (_waiting.TryPeek(out var call))
            {
                if (!call.IsObsolete && !send(call)) return;
                _waiting.Dequeue();
            }

            _send = send;
        }
    }

    /// <summary>That connection is none any more.</summary>
    public void Shut(Func<GrainCall, bool> send)
    {
        lock (_waiting)
        {
            if (_send == send) _send = null;
        }
    }

    /// <summary>There will be none ever again.</summary>
    public void Close(Func<GrainCall, Exception> reason)
    {
        GrainCall[] all;
        lock (_waiting)
        {
            (_send, _closed) = (null, reason);
            all = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var call in all) call.Fail(reason(call));
    }

    private Exception? Keep_NeedsLock(GrainCall call)
    {
        if (_closed is not null) return _closed(call);
        if (_waiting.Count >= capacity) DropObsolete_NeedsLock();
        if (_waiting.Count >= capacity) return new LimitExceededException($"{call}: {capacity} calls wait for a connection to the silo already");
        _waiting.Enqueue(call);
        return null;
    }

    private void DropObsolete_NeedsLock()
    {
        for (var i = _waiting.Count; i > 0; i--)
        {
            var call = _waiting.Dequeue();
            if (!call.IsObsolete) _waiting.Enqueue(call);
        }
    }
}
