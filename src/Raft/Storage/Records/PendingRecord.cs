namespace Notebook.Raft.Storage.Records;

/// <summary>A record that is to be written.</summary>
/// <param name="Type">What it says.</param>
/// <param name="Index">By type.</param>
/// <param name="Term">By type.</param>
/// <param name="Extra">By type.</param>
/// <param name="Kind">An entry's kind.</param>
/// <param name="Payload">Its payload.</param>
/// <param name="Entry">The entry that it is for; null in other records and in copies.</param>
/// <param name="Order">Its place in the group's history; 0 for the newest.</param>
/// <param name="From">Where it was copied from; nowhere when it is new.</param>
internal readonly record struct PendingRecord(
    RecordType Type,
    long Index,
    long Term,
    long Extra,
    EntryKind Kind = default,
    ReadOnlyMemory<byte> Payload = default,
    Entry? Entry = null,
    long Order = 0,
    LogPosition From = default)
{
    internal int TotalSize => RecordHeader.SizeFor(Payload.Length);
}
