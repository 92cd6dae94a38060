using System.Collections.Immutable;
using System.Threading.Channels;
using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage;

/// <summary>
/// The one who writes to a store, in an agent: takes writes from all groups, appends what has come together, syncs once, and
/// completes each write in the order in which they came. While one sync runs the next batch gathers, so the busier it is
/// the more writes share a sync.
/// <para>
/// Callers of one group submit one after another. A failing disk (other than a full one) ends the writer: <see
/// cref="Completion"/> fails and the process should end, since only a recovery can tell what is durable.
/// </para>
/// </summary>
public sealed class LogWriter : IAsyncDisposable
{
    private readonly LogStore _store;
    private readonly WriterOptions _options;
    private readonly TimeProvider _time;
    private readonly Action? _onBatchDurable;
    private readonly Action<SlowSync>? _onSlow;
    private readonly SlowSyncs _slowSyncs = new();
    private readonly long _since;
    private readonly Channel<Submission> _queue;
    private readonly List<Submission> _batch = [];
    private readonly AutoResetEvent _woken = new(false);
    private readonly Action _wake;
    private readonly SemaphoreSlim _retry = new(0);
    private readonly CancellationTokenSource _stop = new();
    private volatile WriteOutcome.DiskFull? _full;

    // Writes that were accepted and are not durable yet; a place is taken before anything is staged.
    private int _accepted;

    /// <summary>Starts to write. The store belongs to the writer until it is disposed; it does not dispose the store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="time">Says when a full disk is tried again.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="onBatchDurable">
    /// Called on the writer's thread when all writes that shared a sync were completed, so that what came of them can leave
    /// together. Must be quick.
    /// </param>
    /// <param name="onSlow">Called on the writer's thread when syncs take too long, now and then. Must be quick.</param>
    public LogWriter(
        LogStore store, TimeProvider time, WriterOptions? options = null, Action? onBatchDurable = null, Action<SlowSync>? onSlow = null)
    {
        (_store, _time, _options, _onBatchDurable, _onSlow) = (store, time, options ?? new WriterOptions(), onBatchDurable, onSlow);
        _since = time.GetTimestamp();

        _wake = () => _woken.Set();

        // Who hands a write over wakes the writer's thread itself: by way of the thread pool each lone write would wait for
        // one thread more. Nothing else runs there, as the writer only waits.
        _queue = Channel.CreateBounded<Submission>(
            new BoundedChannelOptions(_options.QueueLength) { SingleReader = true, AllowSynchronousContinuations = true });
        Completion = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Ends when the writer was disposed; fails when the disk did.</summary>
    public Task Completion { get; }

    /// <summary>Why new writes are refused at the moment; null when they are not. Ask it before a proposal is taken.</summary>
    public WriteOutcome.DiskFull? Full => _full;

    /// <summary>Hands a write over.</summary>
    /// <param name="write">The write.</param>
    /// <param name="onDurable">Called on the writer's thread when it is durable, after those that came before. Must be quick.</param>
    /// <exception cref="LogWriterEndedException">The writer has ended.</exception>
    /// <exception cref="InvalidOperationException">The group is damaged.</exception>
    public SubmitOutcome Submit(GroupWrite write, Action onDurable) => TryEnter() ?? Hand(() => _store.Stage(write), onDurable);

    /// <summary>As <see cref="LogStore.Heal"/>.</summary>
    public SubmitOutcome Heal(GroupId group, ImmutableArray<Entry> entries, Action onDurable) =>
        TryEnter() ?? Hand(() => _store.StageHeal(group, entries), onDurable);

    /// <summary>As <see cref="LogStore.ResetAfterDamage"/>, whose text says when it is safe.</summary>
    public SubmitOutcome ResetAfterDamage(GroupId group, HardState state, Action onDurable) =>
        TryEnter() ?? Hand(() => _store.StageReset(group, state), onDurable);

    /// <summary>As <see cref="LogStore.Remove"/>.</summary>
    public SubmitOutcome Remove(GroupId group, Action onDurable) => TryEnter() ?? Hand(() => _store.StageRemoval(group), onDurable);

    /// <summary>Tries a full disk again at once.</summary>
    public void RetryNow() => _retry.Release();

    /// <summary>Writes what was accepted and ends; what waits for room on a full disk is given up, and was never completed.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _retry.Dispose();
        _woken.Dispose();
    }

    private SubmitOutcome? TryEnter()
    {
        if (Completion.IsCompleted) throw new LogWriterEndedException(Completion.Exception);
        if (_full is { } full) return new SubmitOutcome.DiskFull(full.AskedBytes, full.FreeBytes);
        if (Interlocked.Increment(ref _accepted) <= _options.QueueLength) return null;
        Interlocked.Decrement(ref _accepted);
        return new SubmitOutcome.QueueFull(_options.QueueLength);
    }

    private SubmitOutcome.Accepted Hand(Func<StagedWrite> stage, Action onDurable)
    {
        if (!_queue.Writer.TryWrite(new Submission(stage(), onDurable))) throw new LogWriterEndedException(Completion.Exception);
        return SubmitOutcome.Accepted.Instance;
    }

    private void Run()
    {
        try
        {
            while (Wait(_queue.Reader.WaitToReadAsync()))
            {
                if (!AppendBatch()) return;
                var began = _time.GetTimestamp();
                _store.Sync();
                var took = _time.GetElapsedTime(began);
                CompleteBatch();
                if (_slowSyncs.Ended(took, _time.GetElapsedTime(_since)) is { } slow) _onSlow?.Invoke(slow);
                while (_store.Reclaim() && !_queue.Reader.TryPeek(out _))
                {
                    // Nobody waits: go on reclaiming.
                }

                if (!_queue.Reader.TryPeek(out _)) _store.Mark();
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
        }
    }

    /// <summary>Waits without spinning, which would take a core from those who bring the work.</summary>
    private bool Wait(ValueTask<bool> work)
    {
        var awaiter = work.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.UnsafeOnCompleted(_wake);
            _woken.WaitOne();
        }

        return awaiter.GetResult();
    }

    private bool AppendBatch()
    {
        while (_batch.Count < _options.BatchLength && _queue.Reader.TryRead(out var submission))
        {
            _store.Enqueue(submission.Write);
            _batch.Add(submission);
        }

        while (_store.Append() is WriteOutcome.DiskFull full)
        {
            if (!WaitForRoom(full)) return false;
        }

        _full = null;
        return true;
    }

    private bool WaitForRoom(WriteOutcome.DiskFull full)
    {
        using var timer = _time.CreateTimer(_ => RetryNow(), null, _options.RetryInterval, Timeout.InfiniteTimeSpan);
        _full = full;   // seen only when the next try is certain
        try
        {
            _retry.Wait(_stop.Token);
            return true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private void CompleteBatch()
    {
        Interlocked.Add(ref _accepted, -_batch.Count);
        foreach (var submission in _batch) submission.OnDurable();
        _batch.Clear();
        _onBatchDurable?.Invoke();
    }

    private readonly record struct Submission(StagedWrite Write, Action OnDurable);
}
