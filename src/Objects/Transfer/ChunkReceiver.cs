using System.Collections.Immutable;

namespace Notebook.Objects.Transfer;

/// <summary>
/// One agent's side of taking chunks from one peer. A chunk that is to come, because the peer offered it or because this
/// agent needs it, goes one way:
/// <code>
/// pending ──want──▶ in flight ──data, verified──▶ storing ──stored──▶ held, told to the peer
///    ▲                  │ silence, damage, new connection    │ no room
///    └──────────────────┴────────────────────────────────────┘
/// </code>
/// At most a window of bytes is between pending and held: that bounds the memory here and is all the back-pressure there
/// is. What the peer sends is checked; what was not asked for is refused and counted. No clock, no IO, one caller at a time.
/// </summary>
/// <param name="peer">The peer's name, for its faults.</param>
/// <param name="limits">The limits.</param>
/// <param name="isHeld">Whether the store holds a chunk; quick and without IO.</param>
public sealed class ChunkReceiver(string peer, TransferLimits limits, Func<ChunkRef, bool> isHeld)
{
    private enum Phase
    {
        Pending,
        InFlight,
        Storing,
    }

    private sealed record Coming(Turn Turn, Phase Phase, int Attempts);

    private readonly Dictionary<ChunkRef, Coming> _coming = [];

    // Pending chunks; one that came late, after it was given up, is in here without being pending any more.
    private readonly PriorityQueue<ChunkRef, Turn> _pending = new();

    // In flight or storing, and their bytes: the window.
    private readonly HashSet<ChunkRef> _window = [];
    private readonly HashSet<ChunkRef> _toTell = [];
    private readonly List<ChunkRef> _unavailable = [];
    private long _windowBytes;
    private long _turns;
    private TimeSpan _lastHeard;
    private TimeSpan _pausedUntil = TimeSpan.MinValue;
    private DiskShortage? _shortage;

    /// <summary>What the peer sent that was refused.</summary>
    public TransferFaults Faults { get; private set; } = new(peer);

    /// <summary>How many chunks are still to come.</summary>
    public int Expected => _coming.Count;

    /// <summary>
    /// Has chunks fetched from the peer. False, and none of them, when that would be more than
    /// <see cref="TransferLimits.MaxPending"/>.
    /// </summary>
    /// <param name="priority">Lower is sooner.</param>
    /// <param name="chunks">The chunks, the first one first.</param>
    public bool TryAsk(int priority, IReadOnlyCollection<ChunkRef> chunks)
    {
        if (_coming.Count + chunks.Count > limits.MaxPending) return false;
        foreach (var chunk in chunks.Where(chunk => !isHeld(chunk))) Expect(chunk, priority);
        return true;
    }

    /// <summary>The peer offers chunks.</summary>
    public void Receive(TransferMessage.Offer offer)
    {
        foreach (var chunk in offer.Chunks)
        {
            if (isHeld(chunk)) Tell(chunk);
            else if (_coming.Count < limits.MaxPending) Expect(chunk, offer.Priority);
        }
    }

    /// <summary>The peer sends a chunk. What is returned is to be stored; null when it was refused.</summary>
    public VerifiedChunk? Receive(TransferMessage.Data data, TimeSpan now)
    {
        // One that was asked for, given up and asked for again later is welcome whenever it comes.
        if (!_coming.TryGetValue(data.Chunk, out var coming) || coming.Phase == Phase.Storing || coming.Attempts == 0)
        {
            Faults = Faults with { Unasked = Faults.Unasked + 1 };
            return null;
        }
        _lastHeard = now;
        if (VerifiedChunk.Verify(data.Chunk, data.Bytes) is not { } verified)
        {
            Faults = data.Bytes.Length == data.Chunk.Length
                ? Faults with { WrongHash = Faults.WrongHash + 1 }
                : Faults with { WrongLength = Faults.WrongLength + 1 };
            if (coming.Phase == Phase.InFlight) Return(data.Chunk);
            return null;
        }
        Become(data.Chunk, coming with { Phase = Phase.Storing });
        return verified;
    }

    /// <summary>The peer does not have chunks that it was asked for.</summary>
    public void Receive(TransferMessage.Lack lack)
    {
        foreach (var chunk in lack.Chunks)
            if (_coming.TryGetValue(chunk, out var coming) && coming.Phase == Phase.InFlight) GiveUp(chunk);
    }

    /// <summary>A chunk that <see cref="Receive(TransferMessage.Data, TimeSpan)"/> returned is stored.</summary>
    public void Stored(ChunkRef chunk)
    {
        Forget(chunk);
        Tell(chunk);
    }

    /// <summary>There was no room for a chunk: nothing is wanted for a while, then it is wanted again.</summary>
    public void NotStored(ChunkRef chunk, DiskShortage shortage, TimeSpan now)
    {
        Become(chunk, _coming[chunk] with { Phase = Phase.Pending, Attempts = 0 });
        (_shortage, _pausedUntil) = (shortage, now + limits.FullPause);
    }

    /// <summary>A new connection: what was wanted on the old one will not come.</summary>
    public void Reconnect()
    {
        foreach (var chunk in InFlight()) Become(chunk, _coming[chunk] with { Phase = Phase.Pending, Attempts = 0 });
    }

    /// <summary>The chunks that this peer cannot give, since the last call: ask another one. Call it after every message received.</summary>
    public IReadOnlyList<ChunkRef> TakeUnavailable()
    {
        ChunkRef[] taken = [.. _unavailable];
        _unavailable.Clear();
        return taken;
    }

    /// <summary>The next message to send; null for none. Ask again after it was sent, after every call here and now and then.</summary>
    public TransferMessage? NextMessage(TimeSpan now)
    {
        if (_shortage is { } shortage)
        {
            _shortage = null;
            return new TransferMessage.Full(shortage);
        }
        if (_toTell.Count > 0)
        {
            ImmutableArray<ChunkRef> told = [.. _toTell.Take(TransferMessage.MaxChunks)];
            _toTell.ExceptWith(told);
            return new TransferMessage.Held(told);
        }
        if (now - _lastHeard > limits.Patience)
            foreach (var chunk in InFlight()) Return(chunk);
        return now < _pausedUntil ? null : NextWant(now);
    }

    private TransferMessage.Want? NextWant(TimeSpan now)
    {
        var wanted = ImmutableArray.CreateBuilder<ChunkRef>();
        while (_window.Count < Math.Min(limits.WindowChunks, TransferMessage.MaxChunks) && _pending.TryPeek(out var chunk, out _))
        {
            if (_windowBytes > 0 && _windowBytes + chunk.Length > limits.WindowBytes) break;
            _pending.Dequeue();
            if (!_coming.TryGetValue(chunk, out var coming) || coming.Phase != Phase.Pending) continue;
            if (isHeld(chunk))
            {
                Stored(chunk);   // it came another way
                continue;
            }
            if (_window.Count == 0) _lastHeard = now;   // patience begins with the first in flight
            Become(chunk, coming with { Phase = Phase.InFlight, Attempts = coming.Attempts + 1 });
            wanted.Add(chunk);
        }
        return wanted.Count > 0 ? new(wanted.ToImmutable()) : null;
    }

    private void Expect(ChunkRef chunk, int priority)
    {
        var turn = new Turn(priority, _turns++);
        if (_coming.TryAdd(chunk, new(turn, Phase.Pending, Attempts: 0))) _pending.Enqueue(chunk, turn);
    }

    private void Tell(ChunkRef chunk)
    {
        // An offer that is not answered now is repeated.
        if (_toTell.Count < limits.MaxPending) _toTell.Add(chunk);
    }

    private void Return(ChunkRef chunk)
    {
        if (_coming[chunk].Attempts >= limits.MaxAttempts) GiveUp(chunk);
        else Become(chunk, _coming[chunk] with { Phase = Phase.Pending });
    }

    private void GiveUp(ChunkRef chunk)
    {
        Forget(chunk);
        _unavailable.Add(chunk);
    }

    private List<ChunkRef> InFlight() => [.. _window.Where(chunk => _coming[chunk].Phase == Phase.InFlight)];

    private void Forget(ChunkRef chunk)
    {
        _coming.Remove(chunk);
        if (_window.Remove(chunk)) _windowBytes -= chunk.Length;
    }

    private void Become(ChunkRef chunk, Coming next)
    {
        _coming[chunk] = next;
        var isInWindow = next.Phase != Phase.Pending;
        if (isInWindow && _window.Add(chunk)) _windowBytes += chunk.Length;
        if (isInWindow) return;
        if (_window.Remove(chunk)) _windowBytes -= chunk.Length;
        _pending.Enqueue(chunk, next.Turn);
    }
}
