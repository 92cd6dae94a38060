using System.Buffers.Binary;

namespace Notebook.Raft.Storage.Records;

/// <summary>
/// The payload of a <see cref="RecordType.Base"/> record: where the log began and ended when it was written, and which
/// snapshot was the group's. The end is there because what it cut off may still stand in an older segment.
/// </summary>
/// <param name="Before">The entry before the first.</param>
/// <param name="Last">The last index; what stands after it in older records is gone.</param>
/// <param name="File">The number of the snapshot's file; 0 for none.</param>
/// <param name="Snapshot">The snapshot; null for none.</param>
internal sealed record BaseRecord(EntryId Before, long Last, long File, SnapshotInfo? Snapshot)
{
    private const int Fixed = 56;

    internal static BaseRecord Empty { get; } = new(default, 0, 0, null);

    internal int Size => Fixed + (Snapshot?.Membership.Length ?? 0);

    internal void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Before.Term);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Before.Index);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Last);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], File);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], Snapshot?.Last.Term ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], Snapshot?.Last.Index ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], Snapshot?.Length ?? 0);
        Snapshot?.Membership.Span.CopyTo(target[Fixed..]);
    }

    /// <summary>Reads a payload whose checksum was right; null when it is too short all the same.</summary>
    internal static BaseRecord? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Fixed) return null;
        var before = new EntryId(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]));
        var last = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var file = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        if (file == 0) return new BaseRecord(before, last, 0, null);
        var end = new EntryId(BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
        return new BaseRecord(before, last, file, new SnapshotInfo(end, bytes[Fixed..].ToArray(), BinaryPrimitives.ReadInt64LittleEndian(bytes[48..])));
    }
}
