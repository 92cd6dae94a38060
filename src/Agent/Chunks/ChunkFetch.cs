using Notebook.Objects;

namespace Notebook.Agent.Chunks;

/// <summary>
/// Chunks that a kernel process here needs and this server lacks: whom to ask for them, and when it is over. No clock, no
/// IO, one caller at a time.
/// </summary>
/// <param name="chunks">What is missing.</param>
/// <param name="isPatient">Whether to wait for members that are out of reach: one of them may have what all others lack.</param>
internal sealed class ChunkFetch(IEnumerable<ChunkRef> chunks, bool isPatient)
{
    /// <summary>Most chunks that a member is asked for in one call.</summary>
    public const int MaxAskedAtOnce = 1024;

    private readonly ChunkRef[] _chunks = [.. chunks.Distinct()];
    private readonly HashSet<ChunkRef> _missing = [.. chunks];
    private readonly Dictionary<string, int> _askedOf = [];
    private readonly Dictionary<string, HashSet<ChunkRef>> _lackedBy = [];

    /// <summary>What is not here yet.</summary>
    public IReadOnlyCollection<ChunkRef> Missing => _missing;

    /// <summary>What to ask a member for next; empty when it was asked for all.</summary>
    public ArraySegment<ChunkRef> NextFor(string member)
    {
        var start = _askedOf.GetValueOrDefault(member);
        return new(_chunks, start, Math.Min(MaxAskedAtOnce, _chunks.Length - start));
    }

    /// <summary>The member was asked for the next so many.</summary>
    public void Asked(string member, int count) => _askedOf[member] = _askedOf.GetValueOrDefault(member) + count;

    /// <summary>A chunk is here now.</summary>
    public void Arrived(ChunkRef chunk) => _missing.Remove(chunk);

    /// <summary>The member does not have these, or cannot give them.</summary>
    public void Lacks(string member, IEnumerable<ChunkRef> lacked)
    {
        if (!_lackedBy.TryGetValue(member, out var known)) _lackedBy[member] = known = [];
        known.UnionWith(lacked.Where(_missing.Contains));
    }

    /// <summary>There is a new link to the member: what it has may be more than before.</summary>
    public void Again(string member)
    {
        _askedOf.Remove(member);
        _lackedBy.Remove(member);
    }

    /// <summary>Whether everything is here, or nobody is left who may have the rest.</summary>
    public bool IsOver(IEnumerable<string> members, Func<string, bool> isUp) =>
        _missing.Count == 0 || members.All(member => isUp(member) ? LacksAll(member) : !isPatient);

    private bool LacksAll(string member) =>
        _lackedBy.TryGetValue(member, out var lacked) && lacked.Count >= _missing.Count && _missing.All(lacked.Contains);
}
