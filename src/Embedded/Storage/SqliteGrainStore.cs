using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Notebook.Embedded.Storage;

/// <summary>
/// Keeps values in one SQLite file. Who comes alone does the work itself: it takes less time than handing it to a thread
/// and the answer back. What is asked for meanwhile goes to a thread, into one transaction, so that many writers share a
/// commit. The log is written through to the operating system at each commit, and to the disk at checkpoints, on the
/// thread: what is committed survives the end of any process, and a power failure may take back the last commits but
/// leaves the file whole. The file is this process's alone while it is open.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="waitSeconds">How long to wait for another process to let go of it.</param>
internal sealed class SqliteGrainStore(string path, int waitSeconds = 5) : IGrainStore, IDisposable
{
    private const int MaxBatch = 256;
    private const long CheckpointBytes = 4 << 20;
    private const int BytesBesideBody = 8 << 10;   // of what a change adds to the log: pages are whole

    private readonly Lock _working = new();        // held by who works on the file
    private readonly BlockingCollection<StoreOperation> _queue = new(boundedCapacity: 10_000);
    private readonly string _session = Guid.NewGuid().ToString("N")[..12];
    private SqliteDatabase? _database;
    private Thread? _thread;
    private long _lastEtag;
    private long _unsaved;                         // bytes in the log since the last checkpoint, about

    /// <summary>Transactions so far.</summary>
    public long Commits { get; private set; }

    public Task OpenAsync()
    {
        _database = SqliteDatabase.Open(path, waitSeconds);
        _thread = new(Run) { IsBackground = true, Name = "grain store" };
        _thread.Start();
        return Task.CompletedTask;
    }

    public async Task CloseAsync()
    {
        if (_thread is null) return;
        _queue.CompleteAdding();
        await Task.Run(_thread.Join);
        lock (_working)
        {
            _database!.Dispose();
            _thread = null;
        }
    }

    public void Dispose()
    {
        if (_thread is null) _queue.Dispose();
    }

    public Task<StoredValue?> ReadAsync(StateKey key) => Ask(database => database.Read(key));

    public Task<IReadOnlyList<StoredValue>> ListAsync(string namePrefix) => Ask(database => database.List(namePrefix));

    public Task RemoveAsync(StateKey key, string? basedOn) => Ask(database =>
    {
        if (!database.Remove(key, basedOn)) throw StoredState.Conflict(key, database.Read(key)?.Etag, basedOn);
        return true;
    });

    // Versions are never used again, also not after a removal or a restart.
    public Task<string> WriteAsync(StateKey key, byte[] body, string? basedOn) => Ask(database =>
    {
        _unsaved += body.Length + BytesBesideBody;
        var etag = $"{_session}-{++_lastEtag}";
        return database.Write(key, body, etag, basedOn) ? etag : throw StoredState.Conflict(key, database.Read(key)?.Etag, basedOn);
    });

    private Task<T> Ask<T>(Func<SqliteDatabase, T> work)
    {
        var operation = new StoreOperation<T>(work);
        if (TryRunHere(operation)) return operation.Answer;
        try
        {
            if (_thread is null || !_queue.TryAdd(operation))
            {
                operation.Fail(new GrainStoreException(_thread is null
                    ? $"{path} is not open"
                    : $"{path}: {_queue.BoundedCapacity} changes wait to be written; the disk does not keep up"));
            }
        }
        catch (InvalidOperationException)
        {
            operation.Fail(new GrainStoreException($"{path} is closed"));
        }

        return operation.Answer;
    }

    private bool TryRunHere(StoreOperation operation)
    {
        if (_queue.Count > 0 || _queue.IsAddingCompleted || !_working.TryEnter()) return false;
        try
        {
            if (_thread is null || _unsaved >= CheckpointBytes) return false;   // the thread's part
            RunBatch([operation]);
            return true;
        }
        finally
        {
            _working.Exit();
        }
    }

    private void Run()
    {
        var batch = new List<StoreOperation>(MaxBatch);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MaxBatch && _queue.TryTake(out var next)) batch.Add(next);
            lock (_working)
            {
                RunBatch(batch);
                if (_unsaved >= CheckpointBytes)
                {
                    _database!.Checkpoint();
                    _unsaved = 0;
                }
            }

            batch.Clear();
        }
    }

    private void RunBatch(IReadOnlyList<StoreOperation> batch)
    {
        try
        {
            _database!.InTransaction(() =>
            {
                foreach (var operation in batch) operation.Run(_database);
            });
            Commits++;
        }
        catch (SqliteException error)
        {
            var failure = SqliteDatabase.Explain(path, error);
            foreach (var operation in batch) operation.Fail(failure);
            return;
        }

        foreach (var operation in batch) operation.Complete();
    }
}

/// <summary>Something that the store's thread does, and the promise of its answer.</summary>
internal abstract class StoreOperation
{
    public abstract void Run(SqliteDatabase database);

    /// <summary>Gives the answer, once the transaction is committed.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class StoreOperation<T>(Func<SqliteDatabase, T> work) : StoreOperation
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _refusal;

    public Task<T> Answer => _answer.Task;

    public override void Run(SqliteDatabase database)
    {
        try
        {
            _result = work(database);
        }
        catch (Exception refusal) when (refusal is not SqliteException)
        {
            _refusal = refusal;
        }
    }

    public override void Complete()
    {
        if (_refusal is null) _answer.TrySetResult(_result!);
        else _answer.TrySetException(_refusal);
    }

    public override void Fail(Exception error) => _answer.TrySetException(error);
}
