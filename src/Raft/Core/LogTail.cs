using System.Collections.Immutable;
using Notebook.Raft.Storage;

namespace Notebook.Raft;

/// <summary>
/// The log as the core sees it: what was handed to the store, and what is still on its way there in the next write.
/// Entries wait here from one <see cref="RaftMember.TakeReady"/> to the next, so usually there are none.
/// </summary>
internal sealed class LogTail(IGroupLog store)
{
    private List<Entry>? _pending;
    private EntryId? _restart;   // a complete snapshot waits that leaves nothing of the store's log

    /// <summary>The entry before the first.</summary>
    public EntryId Before => _restart ?? store.Before;

    /// <summary>The last entry.</summary>
    public EntryId Last => _pending is { } pending ? pending[^1].Id : _restart ?? store.Last;

    /// <summary>The term of an entry from <see cref="Before"/> to <see cref="Last"/>; null outside.</summary>
    public long? TermAt(long index)
    {
        if (_pending is { } pending && index >= pending[0].Id.Index)
            return index <= pending[^1].Id.Index ? pending[(int)(index - pending[0].Id.Index)].Id.Term : null;
        if (_restart is { } restart) return index == restart.Index ? restart.Term : null;
        return store.TermAt(index);
    }

    /// <summary>Entries of a range: at least one, then as many as fit into <paramref name="maxBytes"/>.</summary>
    public ImmutableArray<Entry> Read(long from, long through, int maxBytes)
    {
        var firstPending = _pending?[0].Id.Index ?? long.MaxValue;
        if (through < firstPending) return store.Read(from, through, maxBytes);

        var entries = ImmutableArray.CreateBuilder<Entry>();
        if (from < firstPending) entries.AddRange(store.Read(from, firstPending - 1, maxBytes));
        var bytes = entries.Sum(entry => (long)entry.Data.Length);
        for (var next = from + entries.Count; next >= firstPending && next <= through; next++)
        {
            var entry = _pending![(int)(next - firstPending)];
            bytes += entry.Data.Length;
            if (entries.Count > 0 && bytes > maxBytes) break;
            entries.Add(entry);
        }
        return entries.ToImmutable();
    }

    /// <summary>Adds an entry; whatever the log holds from its index on is replaced.</summary>
    public void Append(Entry entry)
    {
        if (entry.Id.Index <= Before.Index || entry.Id.Index > Last.Index + 1)
            throw new InvalidOperationException($"entry {entry.Id} into a log from {Before} to {Last}");
        if (_pending is { } pending)
        {
            var kept = (int)Math.Max(0, entry.Id.Index - pending[0].Id.Index);
            pending.RemoveRange(kept, pending.Count - kept);
        }
        (_pending ??= []).Add(entry);
    }

    /// <summary>A snapshot from the leader replaces the whole log.</summary>
    public void Restart(EntryId last) => (_pending, _restart) = (null, last);

    /// <summary>What waits, for the next write. The store shows it from now on.</summary>
    public ImmutableArray<Entry> Take()
    {
        var entries = _pending is null ? [] : _pending.ToImmutableArray();
        (_pending, _restart) = (null, null);
        return entries;
    }
}
