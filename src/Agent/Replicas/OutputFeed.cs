using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// A replica's outputs on their way to gateways. An output goes out at once on the thread that brought it; a gateway
/// that does not keep up is served from the log by a task of its own, and slows nobody else.
/// </summary>
internal sealed class OutputFeed(string replica, long maxBytes)
{
    /// <summary>Outputs kept for gateways, 64 MiB.</summary>
    public const long MaxBytes = 64L << 20;

    private readonly Lock _lock = new();
    private readonly OutputLog _log = new(replica, maxBytes);
    private readonly Dictionary<Link, Attachment> _attached = [];

    /// <summary>Bytes that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _log.Bytes;
        }
    }

    /// <summary>Numbers a message and sends it to the gateways.</summary>
    public void Publish(JupyterFrame message)
    {
        lock (_lock)
        {
            var output = new AgentToGateway { Output = _log.Append(message) };
            foreach (var attachment in _attached.Values)
            {
                if (attachment.IsCatchingUp) continue;
                if (attachment.Link.TrySend(output)) attachment.Sent = output.Output.Number;
                else CatchUp_NeedsLock(attachment);
            }
        }
    }

    /// <summary>A gateway wants the outputs after <paramref name="after"/>, or with 0 all that are kept.</summary>
    public void Attach(Link link, ulong after)
    {
        lock (_lock)
        {
            if (after >= _log.Next) after = 0;   // counted in another life of the replica
            var next = _log.After(after)?.Number ?? _log.Next;
            var attachment = _attached[link] = new Attachment(link, after);
            link.TrySend(new AgentToGateway
            {
                Attached = new Attached { Replica = replica, Next = next, Dropped = _log.MissingAfter(after == 0 ? next - 1 : after) },
            });
            CatchUp_NeedsLock(attachment);
        }
    }

    /// <summary>The gateway is gone, or wants no more.</summary>
    public void Detach(Link link)
    {
        lock (_lock)
        {
            if (_attached.Remove(link)) Trim_NeedsLock();
        }
    }

    /// <summary>The gateway's clients have everything up to <paramref name="number"/>.</summary>
    public void Delivered(Link link, ulong number)
    {
        lock (_lock)
        {
            if (!_attached.TryGetValue(link, out var attachment)) return;
            attachment.Delivered = Math.Max(attachment.Delivered, Math.Min(number, attachment.Sent));
            Trim_NeedsLock();
        }
    }

    /// <summary>Tells the gateways that nothing will come any more.</summary>
    public void End(string reason)
    {
        lock (_lock)
        {
            foreach (var link in _attached.Keys)
                link.TrySend(new AgentToGateway { NotHere = new NotHere { Replica = replica, Reason = reason } });
            _attached.Clear();
        }
    }

    private void Trim_NeedsLock()
    {
        if (_attached.Count > 0) _log.Delivered(_attached.Values.Min(a => a.Delivered));   // else kept for who comes
    }

    private void CatchUp_NeedsLock(Attachment attachment)
    {
        if (_log.After(attachment.Sent) is null) return;
        attachment.IsCatchingUp = true;
        _ = CatchUpAsync(attachment);
    }

    private async Task CatchUpAsync(Attachment attachment)
    {
        while (true)
        {
            Output output;
            lock (_lock)
            {
                if (!_attached.TryGetValue(attachment.Link, out var current) || current != attachment
                    || _log.After(attachment.Sent) is not { } next)
                {
                    attachment.IsCatchingUp = false;
                    return;
                }

                output = next;
                attachment.Sent = next.Number;
            }

            try
            {
                await attachment.Link.SendAsync(new AgentToGateway { Output = output });
            }
            catch (LinkException)
            {
                return;   // it is detached by whoever reads from it
            }
        }
    }
}
