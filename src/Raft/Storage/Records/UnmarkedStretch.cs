namespace Notebook.Raft.Storage.Records;

/// <summary>What was appended since the last mark, by group. Becomes a mark when it is durable.</summary>
internal sealed class UnmarkedStretch
{
    private readonly Dictionary<GroupId, MarkedGroup> _groups = [];

    internal LogPosition From { get; private set; }

    internal LogPosition To { get; private set; }

    internal bool IsEmpty => To.IsNone;

    internal int MarkSize => IsEmpty ? 0 : RecordHeader.SizeFor(MarkRecord.SizeFor(_groups.Count));

    internal void Add(GroupId group, long sequence) =>
        _groups[group] = _groups.TryGetValue(group, out var known)
            ? known with { First = Math.Min(known.First, sequence), Last = Math.Max(known.Last, sequence) }
            : new MarkedGroup(group, sequence, sequence);

    internal void Extend(LogPosition from, LogPosition to) => (From, To) = (IsEmpty ? from : From, to);

    /// <summary>Takes over what another one holds, which comes after it.</summary>
    internal void Append(UnmarkedStretch later)
    {
        if (later.IsEmpty) return;
        foreach (var group in later._groups.Values)
        {
            Add(group.Group, group.First);
            Add(group.Group, group.Last);
        }

        Extend(later.From, later.To);
        later.Clear();
    }

    internal PendingRecord ToRecord()
    {
        var payload = new byte[MarkRecord.SizeFor(_groups.Count)];
        MarkRecord.Write(payload, _groups.Values);
        return new PendingRecord(RecordType.Mark, From.Value, To.Value, 0, Payload: payload);
    }

    internal void Clear()
    {
        _groups.Clear();
        (From, To) = (LogPosition.None, LogPosition.None);
    }
}
