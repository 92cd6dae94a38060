namespace Notebook.Objects.Chunking;

/// <summary>
/// Content-defined chunking: a window of 64 bytes slides over the value, and where a hash of the window has its upper
/// bits zero, a chunk ends. Bytes put in or taken out move everything after them, but the windows after them are the same
/// ones, so that the cuts fall back into step within a chunk or two and the rest of the value keeps its chunks.
/// <para>
/// The hash is a gear hash with two masks, as FastCDC has it (Xia et al., USENIX ATC 2016, sections 3.2 to 3.5): before
/// the length aimed at a stricter one, after it an easier one, which keeps lengths near the aim; no cut is looked for in the
/// first <see cref="MinLength"/> bytes. Cuts never reach back into an earlier chunk.
/// </para>
/// </summary>
internal sealed class ContentCutter
{
    internal const int MinLength = 32 << 10;
    internal const int AimedLength = 96 << 10;
    internal const int MaxLength = 512 << 10;

    // The chance of a cut at a byte: 2^-18 up to the aimed length, 2^-14 after it.
    private const int StrictShift = 64 - 18;
    private const int EasyShift = 64 - 14;

    private readonly List<int> _lengths = [];
    private int _length;
    private ulong _hash;

    /// <summary>Takes the next bytes of the value, in any portions: they do not change where the cuts are.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var skipped = Math.Min(bytes.Length, Math.Max(0, MinLength - _length));
            _length += skipped;
            bytes = bytes[skipped..];
            if (TryScan(ref bytes, AimedLength, StrictShift) || TryScan(ref bytes, MaxLength, EasyShift) || _length == MaxLength)
                Cut();
        }
    }

    /// <summary>The lengths of all chunks; what is left after the last cut is one more.</summary>
    public List<int> Finish()
    {
        if (_length > 0) Cut();
        return _lengths;
    }

    // Goes on until a cut or until the chunk has that length.
    private bool TryScan(ref ReadOnlySpan<byte> bytes, int untilLength, int shift)
    {
        var scanned = bytes[..Math.Clamp(untilLength - _length, 0, bytes.Length)];
        var (hash, gear) = (_hash, Gear.Table);
        for (var i = 0; i < scanned.Length; i++)
        {
            hash = (hash << 1) + gear[scanned[i]];
            if (hash >> shift != 0) continue;
            _length += i + 1;
            bytes = bytes[(i + 1)..];
            return true;
        }
        _hash = hash;
        _length += scanned.Length;
        bytes = bytes[scanned.Length..];
        return false;
    }

    private void Cut()
    {
        _lengths.Add(_length);
        (_length, _hash) = (0, 0);
    }
}
