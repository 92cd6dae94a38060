using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Tests.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>
/// The production log store on a simulated disk. Writes show at once and reach the disk when they are synced; when the
/// power goes out some of the others have just been written, or are being written, and the disk keeps what chance says.
/// </summary>
internal sealed class ProductionStore(Random random) : ISimulatedStore
{
    private static readonly LogStoreOptions Options = new() { SegmentBytes = 8 << 10, BatchBytes = 2 << 10, CacheBytes = 4 << 10 };
    private static readonly StoreIdentity Identity = new("cluster", "server");

    private readonly SimulatedDisk _disk = new(random.Next());
    private readonly Queue<StagedWrite> _staged = new();
    private LogStore? _store;

    public IGroupLog Log => Store.Group(World.Group);

    private LogStore Store => _store ??= Open();

    public void Write(GroupWrite write) => _staged.Enqueue(Store.Stage(write));

    public void Sync(int writes)
    {
        for (; writes > 0; writes--) Store.Enqueue(_staged.Dequeue());
        Append();
    }

    public void Crash(Random chance)
    {
        for (var written = chance.Next(_staged.Count + 1); written > 0; written--) Store.Enqueue(_staged.Dequeue());
        _disk.CrashAt = _disk.Operations + chance.Next(1, 5);
        try
        {
            Append();
        }
        catch (SimulatedCrashException)
        {
            // That is what it is for; where nothing was left to do, the power goes out afterwards.
        }
        _disk.Restart();
        _staged.Clear();
        _store = null;
    }

    private void Append()
    {
        if (Store.Append() is not WriteOutcome.Written) throw new InvalidOperationException("this disk is never full");
        Store.Sync();
        while (Store.Reclaim())
        {
        }
    }

    private LogStore Open()
    {
        var store = LogStore.Open(_disk, Identity, Options);
        return store.Damages.IsEmpty ? store : throw new Violation("crashes are no damage", $"{store.Damages[0]}");
    }
}
