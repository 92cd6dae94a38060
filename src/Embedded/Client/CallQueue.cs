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
    private Action<GrainCall>? _send;
    private Func<GrainCall, Exception>? _closed;

    public void SendOrKeep(GrainCall call)
    {
        Exception? refusal = null;
        Action<GrainCall>? send;
        lock (_waiting)
        {
            send = _send;
            if (send is null)
            {
                if (_waiting.Count >= capacity) DropObsolete_NeedsLock();
                refusal = _closed?.Invoke(call)
                    ?? (_waiting.Count >= capacity ? new LimitExceededException($"{call}: {capacity} calls wait for a connection to the silo already") : null);
                if (refusal is null) _waiting.Enqueue(call);
            }
        }

        if (refusal is not null) call.Fail(refusal);
        else send?.Invoke(call);
    }

    /// <summary>There is a connection.</summary>
    public void Open(Action<GrainCall> send)
    {
        // Under the lock: a call that comes now must not overtake those that wait.
        lock (_waiting)
        {
            while (_waiting.TryDequeue(out var call))
            {
                if (!call.IsObsolete) send(call);
            }

            _send = send;
        }
    }

    /// <summary>There is none any more.</summary>
    public void Shut()
    {
        lock (_waiting)
        {
            _send = null;
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

    private void DropObsolete_NeedsLock()
    {
        for (var i = _waiting.Count; i > 0; i--)
        {
            var call = _waiting.Dequeue();
            if (!call.IsObsolete) _waiting.Enqueue(call);
        }
    }
}
