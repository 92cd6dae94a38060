namespace Notebook.Raft.Storage.Records;

/// <summary>Where one entry of a group's log is.</summary>
internal struct EntrySlot
{
    /// <summary>The entry's term.</summary>
    internal long Term;

    /// <summary>Its record; nowhere while it is only staged.</summary>
    internal LogPosition At;

    /// <summary>Bytes of its data.</summary>
    internal int Length;

    /// <summary>The entry itself: always while it is only staged, afterwards while the cache has room.</summary>
    internal Entry? Cached;

    internal readonly int RecordSize => RecordHeader.SizeFor(Length);
}

/// <summary>The entries of a group's log from <see cref="First"/> on, cut at both ends. Sized for logs that are mostly short.</summary>
internal sealed class SlotList
{
    private EntrySlot[] _slots = [];
    private int _head;

    /// <summary>The first entry's index.</summary>
    internal long First { get; private set; } = 1;

    internal int Count { get; private set; }

    internal long Last => First + Count - 1;

    internal ref EntrySlot this[long index] => ref _slots[_head + (int)(index - First)];

    internal bool Contains(long index) => index >= First && index <= Last;

    internal void Add(EntrySlot slot)
    {
        if (_head + Count == _slots.Length) MakeRoom();
        _slots[_head + Count++] = slot;
    }

    /// <summary>Drops everything from an index on.</summary>
    internal void CutFrom(long index)
    {
        var keep = (int)Math.Clamp(index - First, 0, Count);
        Array.Clear(_slots, _head + keep, Count - keep);
        Count = keep;
    }

    /// <summary>Drops everything up to an index; the next entry is the one after it, also when nothing is left.</summary>
    internal void CutThrough(long index)
    {
        if (index < First) return;
        var drop = (int)Math.Min(index - First + 1, Count);
        Array.Clear(_slots, _head, drop);
        (_head, Count, First) = (_head + drop, Count - drop, index + 1);
        if (Count == 0) (_slots, _head) = ([], 0);
    }

    /// <summary>Empties the list, and begins it anew at an index.</summary>
    internal void Restart(long first) => (_slots, _head, Count, First) = ([], 0, 0, first);

    private void MakeRoom()
    {
        var larger = _head > _slots.Length / 2 ? _slots : new EntrySlot[Math.Max(4, Count * 2)];
        Array.Copy(_slots, _head, larger, 0, Count);
        if (larger == _slots) Array.Clear(_slots, Count, _slots.Length - Count);
        (_slots, _head) = (larger, 0);
    }
}
