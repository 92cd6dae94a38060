namespace Notebook.Grains.Cluster;

/// <summary>
/// Which kernels there are. There may be many thousands, and one comes or goes at a time: so a change is stored in a short list
/// beside the long one, which is written anew only when the short one is full. No IO of its own.
/// </summary>
/// <remarks>
/// A change is stored in the short list first. What the long one holds already changes nothing when it is read from the short one
/// again: wherever a crash comes between the two writes, what is read is what was.
/// </remarks>
internal sealed class KernelRegister
{
    /// <summary>Changes after which all kernels are to be written.</summary>
    public const int MaxChanges = 256;

    private readonly Dictionary<KernelId, long> _kernels = [];   // and the order of their start
    private readonly Dictionary<KernelId, bool> _changes = [];   // since all were written: whether each ended
    private string _started = "";                                // the same as they are stored
    private string _ended = "";
    private long _next;

    public KernelRegister(KernelsRecord all, KernelChangesRecord since)
    {
        foreach (var kernel in all.Kernels) _kernels.TryAdd(kernel, _next++);
        foreach (var change in since.Changes) Apply(change.Kernel, change.Ended);
        foreach (var kernel in Ids(since.Started)) Apply(kernel, ended: false);
        foreach (var kernel in Ids(since.Ended)) Apply(kernel, ended: true);
    }

    /// <summary>How many there are.</summary>
    public int Count => _kernels.Count;

    /// <summary>All, in the order of their start.</summary>
    public ImmutableArray<KernelId> Kernels => [.. _kernels.OrderBy(k => k.Value).Select(k => k.Key)];

    /// <summary>Whether there is such a kernel.</summary>
    public bool Has(KernelId kernel) => _kernels.ContainsKey(kernel);

    /// <summary>What has to be stored with every change.</summary>
    public KernelChangesRecord Changes => new() { Started = _started, Ended = _ended };

    /// <summary>What has to be stored then when <see cref="IsDue"/>.</summary>
    public KernelsRecord All => new() { Kernels = Kernels };

    /// <summary>Whether all kernels are to be written.</summary>
    public bool IsDue => _changes.Count >= MaxChanges;

    /// <summary>A kernel starts or ends.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Note(KernelId kernel, bool ended)
    {
        if (Has(kernel) != ended) return false;
        Apply(kernel, ended);
        return true;
    }

    /// <summary>All kernels were written.</summary>
    public void Written()
    {
        _changes.Clear();
        _started = _ended = "";
    }

    private void Apply(KernelId kernel, bool ended)
    {
        if (_changes.TryGetValue(kernel, out var before))   // the last word counts
        {
            if (before) _ended = Without(_ended, kernel);
            else _started = Without(_started, kernel);
        }

        _changes[kernel] = ended;
        if (ended) _ended = With(_ended, kernel);
        else _started = With(_started, kernel);
        if (ended) _kernels.Remove(kernel);
        else _kernels.TryAdd(kernel, _next++);
    }

    private static IEnumerable<KernelId> Ids(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => new KernelId(id));

    private static string With(string text, KernelId kernel) => text.Length == 0 ? kernel.Value : $"{text} {kernel.Value}";

    private static string Without(string text, KernelId kernel) => string.Join(' ', text.Split(' ').Where(id => id != kernel.Value));
}
