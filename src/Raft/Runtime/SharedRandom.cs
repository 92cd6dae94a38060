namespace Notebook.Raft.Runtime;

/// <summary>Chance for the members of a host, which draw from many threads; one for all, as each would take a few hundred bytes.</summary>
internal sealed class SharedRandom(int seed) : Random(seed)
{
    private readonly Lock _lock = new();

    public override int Next(int maxValue)
    {
        lock (_lock) return base.Next(maxValue);
    }
}
