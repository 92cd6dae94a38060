namespace Notebook.Grains;

/// <summary>The last decisions of a grain, oldest first. Bounded: the oldest goes first. In memory alone; the log files have all.</summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class DecisionLog(int capacity)
{
    private readonly Queue<Decision> _decisions = new();
    private Decision? _last;

    /// <summary>Notes one. The same outcome for the same reason again, as when a waiting cell asks anew, is not noted twice.</summary>
    /// <returns>Whether it is news.</returns>
    public bool Note(Decision decision)
    {
        if (_last is { } last && last with { At = decision.At, Considered = decision.Considered } == decision) return false;
        _last = decision;
        _decisions.Enqueue(decision);
        if (_decisions.Count > capacity) _decisions.Dequeue();
        return true;
    }

    /// <summary>Those about a kernel; null for all.</summary>
    public ImmutableArray<Decision> Of(KernelId? kernel) => [.. _decisions.Where(d => kernel is null || d.Kernel == kernel)];
}
