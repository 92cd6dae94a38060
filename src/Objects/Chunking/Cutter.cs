using System.Buffers;

namespace Notebook.Objects.Chunking;

/// <summary>Cuts a value into chunks.</summary>
public static class Cutter
{
    /// <summary>The length of the chunks of <see cref="ChunkingMethod.FixedOffset"/>; the last one is shorter.</summary>
    public const int FixedLength = 128 << 10;

    /// <summary>The lengths of the chunks of a value, in order; their sum is the value's length. Empty for an empty value.</summary>
    public static IReadOnlyList<int> Cut(in ReadOnlySequence<byte> value, ChunkingMethod method) => method switch
    {
        ChunkingMethod.FixedOffset => CutFixed(value.Length),
        ChunkingMethod.ContentDefined => CutByContent(value),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
    };

    private static List<int> CutFixed(long length)
    {
        var lengths = new List<int>((int)(length / FixedLength) + 1);
        for (; length > 0; length -= FixedLength) lengths.Add((int)Math.Min(length, FixedLength));
        return lengths;
    }

    private static List<int> CutByContent(in ReadOnlySequence<byte> value)
    {
        var cutter = new ContentCutter();
        foreach (var segment in value) cutter.Feed(segment.Span);
        return cutter.Finish();
    }
}
