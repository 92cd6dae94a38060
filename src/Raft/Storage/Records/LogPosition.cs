namespace Notebook.Raft.Storage.Records;

/// <summary>Where a record stands: the segment's number, and the byte in it. Later records have greater positions.</summary>
/// <param name="Segment">The segment, from 1; 0 for nowhere yet.</param>
/// <param name="Offset">The record's first byte in it.</param>
internal readonly record struct LogPosition(int Segment, int Offset) : IComparable<LogPosition>
{
    internal static LogPosition None => default;

    internal bool IsNone => Segment == 0;

    /// <summary>As one number, in the same order.</summary>
    internal long Value => ((long)Segment << 32) | (uint)Offset;

    internal static LogPosition Of(long value) => new((int)(value >> 32), (int)value);

    public int CompareTo(LogPosition other) => Value.CompareTo(other.Value);

    public override string ToString() => $"segment {Segment}, byte {Offset}";
}
