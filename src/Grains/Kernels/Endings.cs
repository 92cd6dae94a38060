namespace Notebook.Grains.Kernels;

/// <summary>
/// How the last cells of a kernel ended, so that a gateway that asks again after a lost connection hears what became of
/// its cell instead of running it again. Bounded: the oldest is forgotten first. For storage it is split: the few newest
/// go with every write of the kernel, the archive with all of them only now and then.
/// </summary>
internal sealed class Endings
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 1000;

    /// <summary>How many may be new before the archive is written again.</summary>
    public const int MaxRecent = 50;

    private readonly Dictionary<string, CellEnding> _byMessage = [];
    private readonly Queue<CellEnding> _order = [];
    private readonly List<CellEnding> _recent = [];

    /// <param name="archived">Those of the archive.</param>
    /// <param name="recent">Those since then.</param>
    public Endings(IEnumerable<CellEnding> archived, IEnumerable<CellEnding> recent)
    {
        foreach (var ending in archived) Add(ending);
        foreach (var ending in recent) Remember(ending);
    }

    /// <summary>All, oldest first.</summary>
    public ImmutableArray<CellEnding> All => [.. _order];

    /// <summary>Those that the archive does not hold.</summary>
    public ImmutableArray<CellEnding> Recent => [.. _recent];

    /// <summary>Whether it is time to write the archive.</summary>
    public bool ArchiveIsDue => _recent.Count >= MaxRecent;

    /// <summary>The archive with all of them was written.</summary>
    public void Archived() => _recent.Clear();

    /// <summary>How the cell of this request ended, or null.</summary>
    public CellEnding? Find(string messageId) => _byMessage.GetValueOrDefault(messageId);

    /// <summary>Remembers one; the first word on a cell stands.</summary>
    public void Remember(CellEnding ending)
    {
        if (Add(ending)) _recent.Add(ending);
    }

    private bool Add(CellEnding ending)
    {
        if (!_byMessage.TryAdd(ending.MessageId, ending)) return false;
        _order.Enqueue(ending);
        if (_order.Count > Capacity) _byMessage.Remove(_order.Dequeue().MessageId);
        return true;
    }
}
