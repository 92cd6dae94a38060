using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage.Recovery;

/// <summary>
/// Puts a group's state together from its records. Pure. The records' order in the group's history decides, not where they
/// stand: old ones may have been copied to newer segments, and those that were needless may be gone or still there. What
/// counts is always there, unless it was lost: the newest hard state, the newest base, and every entry of the log,
/// each of which says which term the entry before it has.
/// </summary>
internal static class GroupReplay
{
    /// <summary>A group as recovery found it.</summary>
    internal sealed record Result
    {
        internal HardState HardState { get; init; }

        internal LogPosition HardStateAt { get; init; }

        internal BaseRecord Base { get; init; } = BaseRecord.Empty;

        internal LogPosition BaseAt { get; init; }

        internal int BaseSize { get; init; }

        /// <summary>The entries after <see cref="BaseRecord.Before"/>, up to the first whose term is not known.</summary>
        internal IReadOnlyList<EntrySlot> Slots { get; init; } = [];

        /// <summary>Entries whose bytes are lost, with their order.</summary>
        internal Dictionary<long, long>? Lost { get; init; }

        internal GroupDamage? Damage { get; init; }

        internal bool IsRemoved { get; init; }

        internal LogPosition TombstoneAt { get; init; }

        internal long NextSequence { get; init; }
    }

    /// <param name="group">The group.</param>
    /// <param name="records">All its records, in any order; sorted here.</param>
    /// <param name="lostSequence">The newest record that was there and of which not even the header is; 0 for none.</param>
    internal static Result Run(GroupId group, List<FoundRecord> records, long lostSequence)
    {
        // Of two copies the whole one counts, and of two whole ones the newer: the older's segment is about to go.
        records.Sort((a, b) => (a.Header.Order, a.IsWhole, a.At.Value).CompareTo((b.Header.Order, b.IsWhole, b.At.Value)));
        var (removal, state, basis) = (Newest(records, RecordType.Removed), Newest(records, RecordType.HardState), Newest(records, RecordType.Base));
        var start = removal?.Header.Order ?? 0;
        if (state?.Header.Order < start) state = null;
        if (basis?.Header.Order < start) basis = null;
        var payload = basis is { Payload: { } bytes } ? BaseRecord.Read(bytes) : BaseRecord.Empty;
        var entries = Replay(records, start, basis, payload);
        var next = records.Count == 0 ? 1 : records.Max(r => r.Header.Sequence) + 1;
        var (slots, lost, found) = Chain(entries, payload ?? BaseRecord.Empty);
        var isRemoved = removal is not null && state is null && basis is null && entries.Count == 0;
        return new Result
        {
            HardState = state is { } s ? new HardState(s.Header.Term, new MemberId((int)s.Header.Extra), s.Header.Index) : default,
            HardStateAt = state?.At ?? default,
            Base = payload ?? BaseRecord.Empty,
            BaseAt = basis?.At ?? default,
            BaseSize = basis?.Header.TotalSize ?? 0,
            Slots = slots,
            Lost = lost,
            IsRemoved = isRemoved,
            TombstoneAt = removal?.At ?? default,
            NextSequence = Math.Max(next, lostSequence + 1),
            Damage = Judge(group, records, lostSequence, state, basis, found),
        };
    }

    private static FoundRecord? Newest(List<FoundRecord> sorted, RecordType type)
    {
        for (var i = sorted.Count - 1; i >= 0; i--)
            if (sorted[i].Header.Type == type) return sorted[i];
        return null;
    }

    // The log's end after every record in turn: an entry cuts off what stood after it, and so does a base.
    private static SortedDictionary<long, FoundRecord> Replay(List<FoundRecord> sorted, long start, FoundRecord? basis, BaseRecord? payload)
    {
        var (entries, last) = (new Dictionary<long, FoundRecord>(), 0L);
        foreach (var record in sorted)
        {
            if (record.Header.Order < start) continue;
            if (record.Header.Type == RecordType.Entry)
            {
                for (var index = record.Header.Index + 1; index <= last; index++) entries.Remove(index);
                entries[last = record.Header.Index] = record;
            }

            if (payload is null || record.At != basis?.At) continue;
            for (var index = payload.Last + 1; index <= last; index++) entries.Remove(index);
            last = Math.Min(last, payload.Last);
        }

        return new SortedDictionary<long, FoundRecord>(entries.Where(e => e.Key > (payload?.Before.Index ?? 0)).ToDictionary());
    }

    private sealed record Gap(long From, long Through, bool CanHeal, string Text);

    private static (List<EntrySlot> Slots, Dictionary<long, long>? Lost, Gap? Found) Chain(
        SortedDictionary<long, FoundRecord> entries, BaseRecord basis)
    {
        var (slots, before, lost) = (new List<EntrySlot>(entries.Count), basis.Before, (Dictionary<long, long>?)null);
        Gap? found = null;
        foreach (var (index, record) in entries)
        {
            if (index != before.Index + 1)
                return (slots, lost, new Gap(found?.From ?? before.Index + 1, Math.Max(index - 1, found?.Through ?? 0), false, "no record is there"));
            if (record.Header.Extra != before.Term)
            {
                // The entry before is an old one that had been replaced by one that is lost.
                if (slots.Count > 0) slots.RemoveAt(slots.Count - 1);
                return (slots, lost, new Gap(Math.Min(found?.From ?? long.MaxValue, before.Index), index - 1, false, $"the entry before {index} is not its predecessor"));
            }

            if (!record.IsWhole)
            {
                (lost ??= [])[index] = record.Header.Order;
                found = new Gap(found?.From ?? index, index, true, $"checksum mismatch at {record.At}");
            }

            slots.Add(new EntrySlot { Term = record.Header.Term, At = record.At, Length = record.Header.Length });
            before = new EntryId(record.Header.Term, index);
        }

        return (slots, lost, found);
    }

    private static GroupDamage? Judge(
        GroupId group, List<FoundRecord> records, long lostSequence, FoundRecord? state, FoundRecord? basis, Gap? gap)
    {
        // Nobody knows what a record was of which nothing is left: it is harmless only if something newer stands for it.
        bool IsReplaced(params ReadOnlySpan<RecordType> types)
        {
            if (lostSequence == 0) return true;
            foreach (var record in records)
                if (record.Header.Order > lostSequence && types.Contains(record.Header.Type)) return true;
            return false;
        }

        var stateLost = !IsReplaced(RecordType.HardState);
        var baseLost = !IsReplaced(RecordType.Base) || basis is { IsWhole: false };
        var endLost = !IsReplaced(RecordType.Entry, RecordType.Base);
        if (!stateLost && !baseLost && !endLost && gap is null) return null;
        var from = gap?.From ?? (endLost ? HighestIndex(records) + 1 : 0);
        var through = endLost ? long.MaxValue : gap?.Through ?? 0;
        var text = gap?.Text ?? (lostSequence > 0 ? $"record {lostSequence} of the group cannot be read" : $"checksum mismatch at {basis?.At}");
        return new GroupDamage(group, from, through, stateLost, baseLost, gap is { CanHeal: true } && !stateLost && !baseLost && !endLost, text);
    }

    private static long HighestIndex(List<FoundRecord> records) =>
        records.Where(r => r.Header.Type == RecordType.Entry).Select(r => r.Header.Index).DefaultIfEmpty(0).Max();
}
