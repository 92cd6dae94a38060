using Notebook.Objects;

namespace Notebook.Agent.Chunks;

/// <summary>Whose chunks they are.</summary>
internal interface IChunkOwner
{
    /// <summary>Names all chunks that are in use.</summary>
    /// <returns>Null when these are all, else why they cannot all be named.</returns>
    string? NameChunks(Action<IReadOnlyCollection<ChunkRef>> name);

    /// <summary>Whether what is in use may become less by itself.</summary>
    bool HoldsOldChunks { get; }

    /// <summary>Room is short: gives up what it can do without, in its own time.</summary>
    void LetGo();
}

/// <summary>
/// Deletes the chunks to which nothing refers: after a pause when there may be any, and at once when a chunk found no room,
/// again and again until there is.
/// </summary>
internal sealed partial class ChunkCollector : IAsyncDisposable
{
    private const int PeerPauses = 3;   // a peer without room says so after each of its pauses
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1);
    private readonly ObjectStore _store;
    private readonly ArrivingChunks _arriving;
    private readonly IChunkOwner _owner;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _shortagePause;
    private readonly Func<bool> _entriesAreLate;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile DiskShortage? _shortage;
    private volatile bool _mayFind = true;
    private string? _toldIncomplete;
    private long _hurryUntil;  // a timestamp
    private long _begun;       // collections
    private long _collected;   // the latest that is over

    /// <summary>Begins.</summary>
    /// <param name="store">The store.</param>
    /// <param name="arriving">What is spared though nothing refers to it yet.</param>
    /// <param name="owner">Who refers to chunks.</param>
    /// <param name="pause">How long what became useless may stay while there is room.</param>
    /// <param name="shortagePause">How often the owner is asked to let go while room is short.</param>
    /// <param name="entriesAreLate">Whether the log takes no entries, so that chunks wait longer for theirs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public ChunkCollector(
        ObjectStore store, ArrivingChunks arriving, IChunkOwner owner, TimeSpan pause, TimeSpan shortagePause, Func<bool> entriesAreLate,
        TimeProvider time, ILogger log)
    {
        (_store, _arriving, _owner, _pause, _shortagePause) = (store, arriving, owner, pause, shortagePause);
        (_entriesAreLate, _time, _log) = (entriesAreLate, time, log);
        _running = RunAsync();
        EndProcessIfFaulted(_running);
    }

    /// <summary>What last found no room; null once there is that much.</summary>
    public DiskShortage? Shortage => _shortage is { } shortage && _store.Status.FreeBytes < shortage.AskedBytes ? shortage : null;

    /// <summary>Chunks may have become useless.</summary>
    public void Changed() => _mayFind = true;

    /// <summary>Chunks found no room: what can be freed is, from now on until there is.</summary>
    public void Short(DiskShortage shortage)
    {
        if (Shortage is null) LogShort(shortage.ToString());
        if (_shortage is not { } known || known.AskedBytes < shortage.AskedBytes) _shortage = shortage;
    }

    /// <summary>
    /// A peer has no room. It is offered what this store holds: for a while what becomes useless here goes at once, so that
    /// the peer does not take that in place of what it needs.
    /// </summary>
    public void PeerShort()
    {
        Interlocked.Exchange(ref _hurryUntil, _time.GetTimestamp() + (long)(PeerPauses * _shortagePause.TotalSeconds * _time.TimestampFrequency));
    }

    /// <summary>Deletes what nothing refers to at the time of the call.</summary>
    public async Task CollectAsync(CancellationToken stop)
    {
        var wanted = Interlocked.Read(ref _begun) + 1;   // one that runs already may have passed what is useless now
        await _one.WaitAsync(stop);
        try
        {
            if (_collected >= wanted) return;   // others waited too, and one did it for all
            var number = Interlocked.Increment(ref _begun);
            _mayFind = false;
            var outcome = await _store.CollectAsync(Name, stop);
            if (outcome is CollectOutcome.Incomplete || _owner.HoldsOldChunks) _mayFind = true;
            Tell(outcome);
            _collected = number;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _one.Dispose();
    }

    private string? Name(Action<IReadOnlyCollection<ChunkRef>> mark) => _owner.NameChunks(chunks =>
    {
        _arriving.Named(chunks);
        mark(chunks);
    });

    /// <summary>Whatever it throws is a broken invariant or a broken disk; thrown here, it ends the process, as it should.</summary>
    private static async void EndProcessIfFaulted(Task running) => await running;

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(s_tick, _time);
        try
        {
            await RunAsync(timer);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private async Task RunAsync(PeriodicTimer timer)
    {
        var (collected, asked) = (_time.GetTimestamp(), (long?)null);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            if (!_entriesAreLate() && _arriving.Age()) _mayFind = true;
            var isShort = IsStillShort();
            if (isShort && (asked is null || _time.GetElapsedTime(asked.Value) >= _shortagePause))
            {
                _owner.LetGo();
                asked = _time.GetTimestamp();
            }

            if (!_mayFind || (!isShort && !IsPeerShort && _time.GetElapsedTime(collected) < _pause)) continue;
            await CollectAsync(_stop.Token);
            collected = _time.GetTimestamp();
        }
    }

    private bool IsPeerShort => _time.GetTimestamp() < Interlocked.Read(ref _hurryUntil);

    private bool IsStillShort()
    {
        if (_shortage is not { } shortage) return false;
        if (Shortage is not null) return true;
        _shortage = null;
        LogRoom(shortage.AskedBytes);
        return false;
    }

    private void Tell(CollectOutcome outcome)
    {
        if (outcome is CollectOutcome.Collected { Chunks: > 0 } collected) LogCollected(collected.Chunks, collected.Bytes);
        var incomplete = (outcome as CollectOutcome.Incomplete)?.Reason;
        if (incomplete is not null && incomplete != _toldIncomplete) LogIncomplete(incomplete);
        _toldIncomplete = incomplete;
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Information, Message = "Deleted {Count} chunks, {Bytes} bytes, to which nothing refers")]
    private partial void LogCollected(int count, long bytes);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error, Message = "No chunks are deleted: {Reason}")]
    private partial void LogIncomplete(string reason);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Error, Message = "A large value could not be kept: {Shortage}")]
    private partial void LogShort(string shortage);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Information, Message = "There is room again for {Bytes} bytes of large values")]
    private partial void LogRoom(long bytes);
}
