namespace Notebook.Raft.Tests.Simulation;

/// <summary>What a client asked for and got. Start and end are places in the order of all that clients did and saw.</summary>
internal sealed record Operation(int Client, long Start)
{
    /// <summary>When the client knew that it was done; null when it never did, so that it may have happened or not.</summary>
    public long? End { get; set; }

    /// <summary>Of an append: the value, which no other append has.</summary>
    public long? Value { get; init; }

    /// <summary>Of an append that ended: its place in the list, from 1. Of a read that ended: how many values there were.</summary>
    public int Count { get; set; }

    /// <summary>Of a read: names what it saw.</summary>
    public ulong Hash { get; set; }
}

/// <summary>
/// Whether a history of a list with append and read is linearizable, given the order in which the values ended up. As
/// the appends' order is known, each operation has its slot (an append the place of its value, a read the gap after the
/// values that it saw), and the history is linearizable if and only if no operation that ended before another began has a
/// later slot.
/// </summary>
internal static class Linearizability
{
    public static void Check(IReadOnlyCollection<Operation> history, IReadOnlyList<long> values, Func<int, ulong> hashOf)
    {
        var places = new Dictionary<long, int>();
        for (var i = 0; i < values.Count; i++)
            if (!places.TryAdd(values[i], i + 1)) throw new Violation("linearizability", $"{values[i]} is in the list twice");

        var slots = history.Select(operation => (operation, Slot: SlotOf(operation, places, values.Count, hashOf)))
            .Where(found => found.Slot is not null).ToList();
        var ended = slots.Where(found => found.operation.End is not null).OrderBy(found => found.operation.End).ToList();
        var (next, latest, by) = (0, 0L, (Operation?)null);
        foreach (var (operation, slot) in slots.OrderBy(found => found.operation.Start))
        {
            for (; next < ended.Count && ended[next].operation.End < operation.Start; next++)
                if (ended[next].Slot >= latest) (latest, by) = (ended[next].Slot!.Value, ended[next].operation);
            if (slot < latest) throw new Violation("linearizability", $"{operation} began after the end of {by}, and does not see it");
        }
    }

    private static long? SlotOf(Operation operation, Dictionary<long, int> places, int count, Func<int, ulong> hashOf)
    {
        if (operation.Value is { } value)
        {
            if (!places.TryGetValue(value, out var place))
                return operation.End is null ? null : throw new Violation("nothing acknowledged is lost", $"{operation} is not in the list");
            if (operation.End is not null && operation.Count != place)
                throw new Violation("linearizability", $"{operation} was told another place than {place}");
            return 2L * place;
        }
        if (operation.End is null) return null;   // a read that nobody saw
        if (operation.Count > count || hashOf(operation.Count) != operation.Hash)
            throw new Violation("linearizability", $"{operation} saw what never was");
        return 2L * operation.Count + 1;
    }
}
