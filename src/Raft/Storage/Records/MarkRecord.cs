using System.Buffers.Binary;

namespace Notebook.Raft.Storage.Records;

/// <summary>One group's part of a stretch of the log.</summary>
/// <param name="Group">The group.</param>
/// <param name="First">The sequence of its first record there.</param>
/// <param name="Last">The sequence of its last record there.</param>
internal readonly record struct MarkedGroup(GroupId Group, long First, long Last);

/// <summary>
/// The payload of a <see cref="RecordType.Mark"/> record: which groups have records in a stretch that has become durable.
/// A mark is what tells damage from a crash: a record that cannot be read was torn by a crash unless a later mark says
/// that it had been durable. And it tells whose record it was when the record itself cannot say so any more. (The idea
/// that the two must be told apart is that of protocol-aware recovery: Alagappan et al., FAST 2018.)
/// </summary>
internal static class MarkRecord
{
    private const int Stride = 32;

    internal static int SizeFor(int groups) => groups * Stride;

    internal static void Write(Span<byte> target, IEnumerable<MarkedGroup> groups)
    {
        foreach (var group in groups)
        {
            group.Group.Value.TryWriteBytes(target);
            BinaryPrimitives.WriteInt64LittleEndian(target[16..], group.First);
            BinaryPrimitives.WriteInt64LittleEndian(target[24..], group.Last);
            target = target[Stride..];
        }
    }

    internal static IReadOnlyList<MarkedGroup> Read(ReadOnlySpan<byte> bytes)
    {
        var groups = new List<MarkedGroup>(bytes.Length / Stride);
        for (; bytes.Length >= Stride; bytes = bytes[Stride..])
        {
            groups.Add(new MarkedGroup(
                new GroupId(new Guid(bytes[..16])),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])));
        }

        return groups;
    }
}
