namespace Notebook.Grains.Cluster;

/// <summary>
/// Which kernels there are. There may be many thousands, and one comes or goes at a time: so a change is stored in a short list
/// beside the long one, which is written anew only when the short one is full. No IO of its own.
/// </summary>
internal sealed class KernelRegister
{
    /// <summary>Changes after which all kernels are to be written.</summary>
    public const int MaxChanges = 256;

    private readonly Dictionary<KernelId, long> _kernels = [];   // and the order of their start
    private readonly List<KernelChange> _changes = [];
    private long _next;

    public KernelRegister(KernelsRecord all, KernelChangesRecord since)
    {
        foreach (var kernel in all.Kernels) _kernels.TryAdd(kernel, _next++);
        foreach (var change in since.Changes) Apply(change);
    }

    /// <summary>How many there are.</summary>
    public int Count => _kernels.Count;

    /// <summary>All, in the order of their start.</summary>
    public ImmutableArray<KernelId> Kernels => [.. _kernels.OrderBy(k => k.Value).Select(k => k.Key)];

    /// <summary>Whether there is such a kernel.</summary>
    public bool Has(KernelId kernel) => _kernels.ContainsKey(kernel);

    /// <summary>What has to be stored with every change.</summary>
    public KernelChangesRecord Changes => new() { Changes = [.. _changes] };

    /// <summary>What has to be stored first when <see cref="IsDue"/>; the changes are in it then.</summary>
    public KernelsRecord All => new() { Kernels = Kernels };

    /// <summary>Whether all kernels are to be written.</summary>
    public bool IsDue => _changes.Count >= MaxChanges;

    /// <summary>A kernel starts or ends.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Note(KernelId kernel, bool ended)
    {
        if (Has(kernel) != ended) return false;
        Apply(new KernelChange(kernel, ended));
        return true;
    }

    /// <summary>All kernels were written.</summary>
    public void Written() => _changes.Clear();

    private void Apply(KernelChange change)
    {
        _changes.Add(change);
        if (change.Ended) _kernels.Remove(change.Kernel);
        else _kernels.TryAdd(change.Kernel, _next++);
    }
}
