using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>The simplest store: two logs in memory, one as it shows and one as it is on disk.</summary>
internal sealed class MemoryStore : ISimulatedStore
{
    private readonly Queue<GroupWrite> _unsynced = new();
    private readonly MemoryLog _durable = new();
    private MemoryLog _log = new();

    public IGroupLog Log => _log;

    public void Write(GroupWrite write)
    {
        _log.Apply(write);
        _unsynced.Enqueue(write);
    }

    public void Sync(int writes)
    {
        for (; writes > 0; writes--) _durable.Apply(_unsynced.Dequeue());
    }

    public void Crash(Random random)
    {
        Sync(random.Next(_unsynced.Count + 1));
        if (_unsynced.TryPeek(out var torn)) _durable.Apply(torn, random.Next(MemoryLog.Parts(torn) + 1));
        _unsynced.Clear();
        _log = _durable.Clone();
    }
}
