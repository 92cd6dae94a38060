namespace Notebook.Gateway.Kernels;

/// <summary>
/// A kernel's messages to its clients, numbered without gaps. Every client is a cursor into this one log, so a slow
/// one costs no copy, and one that comes back goes on where it stopped. Not safe for threads.
/// </summary>
internal sealed class OutputLog(long limitBytes)
{
    private OutEntry?[] _ring = new OutEntry?[64];

    /// <summary>Sequence of the oldest entry that is kept; equals <see cref="Next"/> when none is.</summary>
    public long First { get; private set; } = 1;

    /// <summary>Sequence that the next entry gets.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>Every entry before this one is at a client that it was for.</summary>
    public long Acknowledged { get; private set; } = 1;

    public long Bytes { get; private set; }

    public bool OverLimit => Bytes > limitBytes;

    public bool HasRoom => Bytes <= limitBytes / 2;

    public void Append(OutEntry entry)
    {
        if (Next - First == _ring.Length) Grow();
        entry.Sequence = Next;
        _ring[Next % _ring.Length] = entry;
        Next++;
        Bytes += entry.Size;
    }

    /// <summary>The entry with this sequence; null when it is not, or no longer, there.</summary>
    public OutEntry? At(long sequence) => sequence >= First && sequence < Next ? _ring[sequence % _ring.Length] : null;

    /// <summary>Moves <see cref="Acknowledged"/> over all entries that are done.</summary>
    /// <returns>The entries that it passed, oldest first.</returns>
    public IEnumerable<OutEntry> Acknowledge()
    {
        while (At(Acknowledged) is { Done: true } entry)
        {
            Acknowledged++;
            yield return entry;
        }
    }

    /// <summary>Empties an entry of which the rest will not come.</summary>
    public void Withdraw(OutEntry entry)
    {
        if (At(entry.Sequence) != entry) return;
        Bytes -= entry.Size;
        entry.Empty();
        Bytes += entry.Size;
    }

    /// <summary>Forgets entries before <paramref name="sequence"/>.</summary>
    public void TrimTo(long sequence)
    {
        while (First < Next && First < sequence) DropFirst();
    }

    /// <summary>Forgets the oldest entries before <paramref name="sequence"/> until the limit is kept.</summary>
    public void MakeRoom(long sequence)
    {
        while (OverLimit && First < Next && First < sequence) DropFirst();
    }

    private void DropFirst()
    {
        ref var slot = ref _ring[First % _ring.Length];
        Bytes -= slot!.Size;
        slot = null;
        First++;
        Acknowledged = Math.Max(Acknowledged, First);
        if (First == Next && _ring.Length > 4096) _ring = new OutEntry?[64];
    }

    private void Grow()
    {
        var bigger = new OutEntry?[_ring.Length * 2];
        for (var i = First; i < Next; i++) bigger[i % bigger.Length] = _ring[i % _ring.Length];
        _ring = bigger;
    }
}
