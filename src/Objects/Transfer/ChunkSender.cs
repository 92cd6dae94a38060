using System.Collections.Immutable;

namespace Notebook.Objects.Transfer;

/// <summary>
/// One agent's side of giving chunks to one peer. It offers what the peer may lack, in order of priority and a bounded
/// number at a time, sends what the peer wants, and forgets a chunk when the peer says that it holds it. The peer sets the
/// pace. When the peer falls silent all open offers are repeated, which mends whatever was lost and whichever side began
/// anew. No clock, no IO, one caller at a time.
/// </summary>
public sealed class ChunkSender(TransferLimits limits)
{
    // Every chunk that the peer is not known to hold yet.
    private readonly Dictionary<ChunkRef, Turn> _offered = [];

    // The part of them that is still to be offered, or to be offered again.
    private readonly PriorityQueue<ChunkRef, Turn> _unsent = new();

    // Offered and not answered yet, each with its priority.
    private readonly Dictionary<ChunkRef, int> _open = [];

    private readonly PriorityQueue<ChunkRef, Turn> _wanted = new();
    private readonly HashSet<ChunkRef> _isWanted = [];
    private long _turns;
    private TimeSpan _lastHeard;

    /// <summary>How many chunks the peer is not known to hold yet.</summary>
    public int Unconfirmed => _offered.Count;

    /// <summary>Why the peer takes nothing, while it says so.</summary>
    public DiskShortage? PeerShortage { get; private set; }

    /// <summary>Whether the peer is not known to hold this chunk that was offered to it.</summary>
    public bool IsUnconfirmed(ChunkRef chunk) => _offered.ContainsKey(chunk);

    /// <summary>
    /// Has chunks offered to the peer; those under way already keep their turn. False, and none of them, when that would be
    /// more than <see cref="TransferLimits.MaxOffered"/>: offer them when <see cref="Unconfirmed"/> has fallen.
    /// </summary>
    /// <param name="priority">Lower is sooner.</param>
    /// <param name="chunks">The chunks, the first one first; by custom a manifest before what it names.</param>
    public bool TryOffer(int priority, IReadOnlyCollection<ChunkRef> chunks)
    {
        if (_offered.Count + chunks.Count > limits.MaxOffered) return false;
        foreach (var chunk in chunks)
        {
            var turn = new Turn(priority, _turns++);
            if (_offered.TryAdd(chunk, turn)) _unsent.Enqueue(chunk, turn);
        }
        return true;
    }

    /// <summary>A chunk is not here any more: it is offered no longer, and the peer is not known to hold it, nor to lack it.</summary>
    public void Withdraw(ChunkRef chunk)
    {
        _offered.Remove(chunk);
        _open.Remove(chunk);
    }

    /// <summary>The peer asks for chunks, offered or not: who knows a hash may have the bytes.</summary>
    public void Receive(TransferMessage.Want want, TimeSpan now)
    {
        _lastHeard = now;
        PeerShortage = null;
        foreach (var chunk in want.Chunks)
        {
            if (_isWanted.Count == limits.MaxWanted) return;
            if (!_isWanted.Add(chunk)) continue;
            _wanted.Enqueue(chunk, new(_offered.TryGetValue(chunk, out var turn) ? turn.Priority : 0, _turns++));
        }
    }

    /// <summary>The peer holds chunks.</summary>
    public void Receive(TransferMessage.Held held, TimeSpan now)
    {
        _lastHeard = now;
        foreach (var chunk in held.Chunks)
        {
            _offered.Remove(chunk);
            _open.Remove(chunk);
        }
    }

    /// <summary>The peer has no room.</summary>
    public void Receive(TransferMessage.Full full, TimeSpan now)
    {
        _lastHeard = now;
        PeerShortage = full.Shortage;
    }

    /// <summary>A new connection: what was said on the old one may not have come through.</summary>
    public void Reconnect()
    {
        _wanted.Clear();
        _isWanted.Clear();
        OfferAgain();
    }

    /// <summary>The next message to send; null for none. Ask again after it was sent, after every message received and now and then.</summary>
    public TransferMessage? NextMessage(TimeSpan now)
    {
        if (_open.Count > 0 && now - _lastHeard > limits.Patience) OfferAgain();
        var (chunks, room, priority) = (ImmutableArray.CreateBuilder<ChunkRef>(), 0, 0);
        while (_unsent.TryPeek(out var chunk, out var turn))
        {
            if (chunks.Count == 0) (priority, room) = (turn.Priority, RoomAt(turn.Priority));
            if (chunks.Count == room || turn.Priority != priority) break;
            _unsent.Dequeue();
            // Confirmed while it waited, or twice in the queue after a repetition.
            if (_offered.ContainsKey(chunk) && _open.TryAdd(chunk, priority)) chunks.Add(chunk);
        }
        if (chunks.Count == 0) return null;
        if (_open.Count == chunks.Count) _lastHeard = now;   // patience begins with the first open offer
        return new TransferMessage.Offer(priority, chunks.ToImmutable());
    }

    /// <summary>
    /// The next chunk to send; null for none. Take it when the link has room, and send <see cref="TransferMessage.Data"/>,
    /// or <see cref="TransferMessage.Lack"/> when the store does not have it.
    /// </summary>
    public ChunkRef? NextChunk()
    {
        if (!_wanted.TryDequeue(out var chunk, out _)) return null;
        _isWanted.Remove(chunk);
        return chunk;
    }

    // What is less urgent does not count: a small value must not wait for the answers to a large one before it.
    private int RoomAt(int priority) =>
        Math.Min(TransferMessage.MaxChunks, Math.Max(0, limits.MaxOpenOffers - _open.Values.Count(open => open <= priority)));

    private void OfferAgain()
    {
        foreach (var chunk in _open.Keys) _unsent.Enqueue(chunk, _offered[chunk]);
        _open.Clear();
    }
}
