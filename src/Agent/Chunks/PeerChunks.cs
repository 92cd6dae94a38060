using System.Threading.Channels;
using Notebook.Agent.Peers;
using Notebook.Objects;
using Notebook.Objects.Transfer;

namespace Notebook.Agent.Chunks;

/// <summary>
/// The exchange of chunks with one other agent, on the link to it. One pump takes what arrives, stores it, and sends what
/// the exchange has to send. The receiver sets the pace: no more than its window is ever in the link's outbox, so that the
/// logs' frames, heartbeats above all, never wait long behind chunks.
/// </summary>
internal sealed class PeerChunks : IAsyncDisposable
{
    /// <summary>The window is small for the sake of the logs' frames, and large enough for any network between the servers.</summary>
    public static readonly TransferLimits Limits = new() { WindowBytes = 2 << 20 };

    private const int MaxInbox = 4096;
    private const long MaxInboxBytes = 32L << 20;
    private readonly Lock _lock = new();
    private readonly Channel<ReadOnlyMemory<byte>> _inbox = Channel.CreateBounded<ReadOnlyMemory<byte>>(MaxInbox);
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ChunkExchange _exchange;
    private readonly string _server;
    private readonly ObjectStore _store;
    private readonly ArrivingChunks _arriving;
    private readonly PeerLinks _links;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Task _pump;
    private readonly Queue<(int Priority, ChunkRef Chunk)> _later = [];   // to be offered; no more than the logs name
    private readonly HashSet<ChunkRef> _late = [];                        // the same
    private long _inboxBytes;
    private bool _isUp;

    /// <summary>The exchange with a server's agent.</summary>
    public PeerChunks(string server, ObjectStore store, ArrivingChunks arriving, PeerLinks links, TimeSpan shortagePause, TimeProvider time)
    {
        (_server, _store, _arriving, _links, _time, _start) = (server, store, arriving, links, time, time.GetTimestamp());
        _exchange = new ChunkExchange(server, Limits with { FullPause = shortagePause }, arriving.Holds);
        _pump = Task.Run(PumpAsync);
        EndProcessIfFaulted(_pump);
    }

    /// <summary>A chunk of the peer's is stored here.</summary>
    public event Action<ChunkRef>? Stored;

    /// <summary>There was no room for a chunk of the peer's; it is asked for again after a while.</summary>
    public event Action<DiskShortage>? NoRoom;

    /// <summary>The peer cannot give what it was asked for.</summary>
    public event Action<string, IReadOnlyList<ChunkRef>>? Lacked;

    /// <summary>The peer holds chunks that were offered to it.</summary>
    public event Action? Confirmed;

    /// <summary>The peer has no room for what is offered to it.</summary>
    public event Action? PeerShort;

    /// <summary>Whether the peer said that it holds a chunk; only for one that <see cref="Offer"/> was called with, and that is still here.</summary>
    public bool IsConfirmed(ChunkRef chunk)
    {
        lock (_lock) return !_exchange.Sender.IsUnconfirmed(chunk) && !_late.Contains(chunk);
    }

    /// <summary>Offers chunks to the peer: now, when there is a link again, or when it has taken enough of what was offered before.</summary>
    /// <returns>How many wait for that.</returns>
    public int Offer(int priority, IReadOnlyCollection<ChunkRef> chunks)
    {
        int waiting;
        lock (_lock)
        {
            if (_later.Count > 0 || !_exchange.Sender.TryOffer(priority, chunks))
            {
                foreach (var chunk in chunks)
                    if (_late.Add(chunk)) _later.Enqueue((priority, chunk));
            }

            OfferLate_NeedsLock();
            waiting = _later.Count;
        }

        Wake();
        return waiting;
    }

    /// <summary>Asks the peer for chunks, before anything that it has offered.</summary>
    /// <returns>False when too much is asked for already.</returns>
    public bool TryAsk(IReadOnlyCollection<ChunkRef> chunks)
    {
        lock (_lock)
        {
            if (!_exchange.Receiver.TryAsk(0, chunks)) return false;
        }

        Wake();
        return true;
    }

    /// <summary>There is a new link to the peer.</summary>
    public void Up()
    {
        lock (_lock)
        {
            _exchange.Reconnect();
            _isUp = true;
        }

        Wake();
    }

    /// <summary>The link to the peer is gone.</summary>
    public void Down()
    {
        lock (_lock) _isUp = false;
    }

    /// <summary>Bytes of the peer's. Never waits; a peer that sends far more than it was asked for loses its link.</summary>
    public void Take(ReadOnlyMemory<byte> bytes)
    {
        if (Interlocked.Add(ref _inboxBytes, bytes.Length) > MaxInboxBytes || !_inbox.Writer.TryWrite(bytes))
        {
            Interlocked.Add(ref _inboxBytes, -bytes.Length);
            _links.Break(_server, $"the agent of {_server} sends more chunks than it was asked for");
        }

        Wake();
    }

    /// <summary>Lets the pump look whether there is something to do, such as to repeat what was not answered.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <summary>Ends the pump.</summary>
    public async ValueTask DisposeAsync()
    {
        _wakes.Writer.TryComplete();
        await _pump;
    }

    /// <summary>Whatever it throws is a broken invariant or a broken disk; thrown here, it ends the process, as it should.</summary>
    private static async void EndProcessIfFaulted(Task pump) => await pump;

    private async Task PumpAsync()
    {
        while (await _wakes.Reader.WaitToReadAsync())
        {
            while (_wakes.Reader.TryRead(out _))
            {
            }

            bool isBusy;
            do
            {
                isBusy = await ReceiveAsync();
                SendMessages();
                isBusy |= await SendChunkAsync();
            }
            while (isBusy && !_wakes.Reader.Completion.IsCompleted);
        }
    }

    private async Task<bool> ReceiveAsync()
    {
        if (!_inbox.Reader.TryRead(out var bytes)) return false;
        Interlocked.Add(ref _inboxBytes, -bytes.Length);
        VerifiedChunk? chunk;
        bool isConfirmed;
        bool isShort;
        lock (_lock)
        {
            var (before, unconfirmed, lastShort) = (Refused(_exchange.Faults), _exchange.Sender.Unconfirmed, _exchange.Sender.PeerShortage);
            chunk = _exchange.Receive(bytes, Now);
            isConfirmed = _exchange.Sender.Unconfirmed < unconfirmed;
            isShort = _exchange.Sender.PeerShortage is { } said && !ReferenceEquals(said, lastShort);
            if (isConfirmed) OfferLate_NeedsLock();
            if (Refused(_exchange.Faults) != before) _links.Break(_server, $"the agent of {_server} sent what is no chunk: {_exchange.Faults}");
        }

        if (isConfirmed) Confirmed?.Invoke();
        if (isShort) PeerShort?.Invoke();
        TellLacked();
        if (chunk is null) return true;
        var outcome = await _arriving.PutAsync(chunk);
        lock (_lock)
        {
            if (outcome is PutChunkOutcome.Full full) _exchange.Receiver.NotStored(chunk.Ref, full.Shortage, Now);
            else _exchange.Receiver.Stored(chunk.Ref);
        }

        if (outcome is PutChunkOutcome.Full { Shortage: var shortage }) NoRoom?.Invoke(shortage);
        else Stored?.Invoke(chunk.Ref);
        return true;
    }

    private void OfferLate_NeedsLock()
    {
        while (_later.TryPeek(out var next) && _exchange.Sender.TryOffer(next.Priority, [next.Chunk])) _late.Remove(_later.Dequeue().Chunk);
    }

    private void SendMessages()
    {
        while (true)
        {
            TransferMessage? message;
            lock (_lock) message = _isUp ? _exchange.NextMessage(Now) : null;
            TellLacked();
            // One that does not get through is repeated: at the next link, or when the peer was silent for a while.
            if (message is null || !_links.TrySend(_server, PeerBody.Objects, message.ToBytes())) return;
        }
    }

    private async Task<bool> SendChunkAsync()
    {
        ChunkRef? wanted;
        lock (_lock) wanted = _isUp ? _exchange.Sender.NextChunk() : null;
        if (wanted is not { } chunk) return false;
        TransferMessage answer = new TransferMessage.Lack([chunk]);
        if (await _store.ReadChunkAsync(chunk, CancellationToken.None) is { } read) answer = new TransferMessage.Data(chunk, read.Bytes);
        else
        {
            lock (_lock) _exchange.Sender.Withdraw(chunk);
        }

        return _links.TrySend(_server, PeerBody.Objects, answer.ToBytes());
    }

    private void TellLacked()
    {
        IReadOnlyList<ChunkRef> lacked;
        lock (_lock) lacked = _exchange.Receiver.TakeUnavailable();
        if (lacked.Count > 0) Lacked?.Invoke(_server, lacked);
    }

    private static long Refused(TransferFaults faults) => faults.Malformed + faults.WrongHash + faults.WrongLength;

    private TimeSpan Now => _time.GetElapsedTime(_start);
}
