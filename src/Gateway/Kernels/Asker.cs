using Notebook.Gateway.Clients;

namespace Notebook.Gateway.Kernels;

/// <summary>Who sent a request, and so gets its reply: the client, or after it went whoever speaks in the same session.</summary>
/// <param name="Client">The client; null when it is not known.</param>
/// <param name="Session">Its <c>session</c>.</param>
internal sealed record Asker(KernelClient? Client, string Session)
{
    /// <summary>What a ZMQ client was known by when it asked; null for others, and when it is not known.</summary>
    public ReadOnlyMemory<byte>? Identity { get; init; }
}

/// <summary>The askers of requests that have had no reply yet, by message id. Not safe for threads. Bounded: the oldest is forgotten.</summary>
internal sealed class Askers(int limit = 4096)
{
    private readonly Dictionary<string, Asker> _byMessage = [];
    private readonly Queue<string> _order = [];

    public void Add(string messageId, Asker asker)
    {
        if (!_byMessage.TryAdd(messageId, asker))
        {
            _byMessage[messageId] = asker;   // a repeated request: the later client is the one that still listens
            return;
        }

        _order.Enqueue(messageId);
        while (_order.Count > limit) _byMessage.Remove(_order.Dequeue());
    }

    public Asker? Find(string messageId) => _byMessage.GetValueOrDefault(messageId);

    public bool AnyOf(string session) => _byMessage.Values.Any(a => a.Session == session);

    public Asker? Take(string messageId)
    {
        _byMessage.Remove(messageId, out var asker);
        return asker;
    }
}
