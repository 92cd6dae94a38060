using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// The requests that a kernel's clients have been told it is busy with, by message id. Whoever was told <c>busy</c> is told
/// <c>idle</c>, once: by the replica, or by the gateway where that replica will say nothing more. Not safe for threads.
/// Bounded: the oldest is forgotten.
/// </summary>
internal sealed class OpenRequests(int limit = 4096)
{
    private readonly OrderedDictionary<string, (ReplicaRoute Route, ReadOnlyMemory<byte> Header)> _open = [];
    private readonly HashSet<string> _endedHere = [];
    private readonly Queue<string> _endedHereOrder = [];

    /// <summary>Takes note of what a replica says.</summary>
    /// <returns>False for an <c>idle</c> that clients have had from the gateway.</returns>
    public bool Hear(JupyterFrame frame, ReplicaRoute route)
    {
        if (frame.Channel != Channel.Iopub || frame.MessageType != "status" || frame.ParentId.Length == 0) return true;
        if (frame.Content.Span.IndexOf("\"busy\""u8) >= 0)
        {
            _endedHere.Remove(frame.ParentId);   // asked again: this is not the one that was ended
            _open[frame.ParentId] = (route, frame.ParentHeader.Memory);
            if (_open.Count > limit) _open.RemoveAt(0);
        }
        else if (frame.Content.Span.IndexOf("\"idle\""u8) >= 0)
        {
            _open.Remove(frame.ParentId);
            return !_endedHere.Remove(frame.ParentId);
        }

        return true;
    }

    /// <summary>Clients are told otherwise that the request has ended.</summary>
    public void Remove(string messageId) => _open.Remove(messageId);

    /// <summary>Takes the requests whose end a replica's route would have brought, and from now on does not any more.</summary>
    /// <param name="route">The route.</param>
    /// <param name="isAwaited">Whether a request has no answer yet and will get one: it stays open.</param>
    /// <returns>The headers of the requests, the oldest first.</returns>
    public ReadOnlyMemory<byte>[] TakeOf(ReplicaRoute route, Func<string, bool> isAwaited)
    {
        var ended = _open.Where(open => open.Value.Route == route && !isAwaited(open.Key)).ToArray();
        foreach (var (id, _) in ended)
        {
            _open.Remove(id);
            if (_endedHere.Add(id)) _endedHereOrder.Enqueue(id);
            if (_endedHereOrder.Count > limit) _endedHere.Remove(_endedHereOrder.Dequeue());
        }

        return [.. ended.Select(open => open.Value.Header)];
    }
}
