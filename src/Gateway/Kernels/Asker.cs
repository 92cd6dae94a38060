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

    /// <summary>
    /// Takes note of who asked. Of a request that is repeated in its session, the later client is the one that still listens.
    /// One of another session that has taken the same id changes nothing for who had it first.
    /// </summary>
    public void Add(string messageId, Asker asker)
    {
        if (!_byMessage.TryAdd(messageId, asker))
        {
            if (_byMessage[messageId] is var first && (first.Session == asker.Session || first.Client is not { Attached: true })) _byMessage[messageId] = asker;
            return;
        }

        _order.Enqueue(messageId);
        while (_order.Count > limit) _byMessage.Remove(_order.Dequeue());
    }

    /// <summary>Who asked.</summary>
    /// <param name="messageId">The request.</param>
    /// <param name="session">The session that the answer is for; empty when it does not say.</param>
    public Asker? Find(string messageId, string session) =>
        _byMessage.GetValueOrDefault(messageId) is { } asker && (session.Length == 0 || asker.Session == session) ? asker : null;

    public bool AnyOf(string session) => _byMessage.Values.Any(a => a.Session == session);

    /// <summary>Who asked, and is forgotten from now on.</summary>
    /// <inheritdoc cref="Find"/>
    public Asker? Take(string messageId, string session)
    {
        var asker = Find(messageId, session);
        if (asker is not null) _byMessage.Remove(messageId);
        return asker;
    }
}
