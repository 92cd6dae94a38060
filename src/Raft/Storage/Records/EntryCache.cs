namespace Notebook.Raft.Storage.Records;

/// <summary>Keeps the entries that were written last in memory, up to so many bytes; the oldest go first. Of one thread.</summary>
internal sealed class EntryCache(long maxBytes)
{
    // What an entry takes beside its data: two objects and a place in the queue.
    private const int Overhead = 150;

    private readonly Queue<(GroupLog Group, Entry Entry)> _entries = new();
    private long _bytes;

    internal void Add(GroupLog group, Entry entry)
    {
        _entries.Enqueue((group, entry));
        _bytes += entry.Data.Length + Overhead;
        while (_bytes > maxBytes && _entries.TryDequeue(out var oldest))
        {
            _bytes -= oldest.Entry.Data.Length + Overhead;
            oldest.Group.Forget(oldest.Entry);
        }
    }
}
