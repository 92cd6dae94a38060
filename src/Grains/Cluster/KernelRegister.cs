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
    private readonly OrderedDictionary<KernelId, bool> _changes = [];   // since all were written: whether each ended
    private long _next;

    public KernelRegister(KernelsRecord all, KernelChangesRecord since)
    {
        foreach (var kernel in all.Kernels) _kernels.TryAdd(kernel, _next++);
        foreach (var change in since.Changes) Apply(change.Kernel, change.Ended);
        foreach (var kernel in since.Started) Apply(kernel, ended: false);
        foreach (var kernel in since.Ended) Apply(kernel, ended: true);
    }

    /// <summary>How many there are.</summary>
    public int Count => _kernels.Count;

    /// <summary>All, in the order of their start.</summary>
    public ImmutableArray<KernelId> Kernels => [.. _kernels.OrderBy(k => k.Value).Select(k => k.Key)];

    /// <summary>Whether there is such a kernel.</summary>
    public bool Has(KernelId kernel) => _kernels.ContainsKey(kernel);

    /// <summary>What has to be stored with every change.</summary>
    public KernelChangesRecord Changes => new()
    {
        Started = [.. _changes.Where(c => !c.Value).Select(c => c.Key)],
        Ended = [.. _changes.Where(c => c.Value).Select(c => c.Key)],
    };

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
    public void Written() => _changes.Clear();

    private void Apply(KernelId kernel, bool ended)
    {
        _changes.Remove(kernel);   // the last word counts
        _changes.Add(kernel, ended);
        if (ended) _kernels.Remove(kernel);
        else _kernels.TryAdd(kernel, _next++);
    }
}
