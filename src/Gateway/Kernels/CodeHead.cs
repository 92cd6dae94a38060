using System.Buffers.Text;
using System.Text;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// The first line of a cell's code as IPython sees it: lines of nothing but white space before it do not count, nor does
/// its indent. A comment is a line like any other.
/// </summary>
/// <param name="Line">The line without white space around it, at most <see cref="MaxLength"/> characters; empty when it does not begin with <c>%</c>.</param>
/// <param name="IsAll">Whether no other line has anything on it.</param>
internal readonly record struct CodeHead(string Line, bool IsAll)
{
    /// <summary>Of a longer line what is beyond is not read.</summary>
    public const int MaxLength = 1000;

    /// <summary>Reads it off a JSON text as it stands between its quotes, escapes and all; of a cell without a magic no more than the first characters.</summary>
    public static CodeHead Read(ReadOnlySpan<byte> text)
    {
        var (at, isIndented) = (0, false);   // by something that IPython takes for no indent
        var first = Next(text, ref at);
        while (first is { } rune && IsSpace(rune))
        {
            isIndented = !IsBreak(rune) && (isIndented || rune.Value is not (' ' or '\t'));
            first = Next(text, ref at);
        }

        if (isIndented || first?.Value != '%') return new("", false);
        var line = new StringBuilder();
        for (var next = first; next is { } rune && !IsBreak(rune); next = Next(text, ref at))
            if (line.Length < MaxLength) line.Append(rune.ToString());
        var rest = Next(text, ref at);
        while (rest is { } rune && IsSpace(rune)) rest = Next(text, ref at);
        return new(line.ToString().TrimEnd(), rest is null);
    }

    // What Python's str.splitlines and str.isspace take for the end of a line and for white space.
    private static bool IsBreak(Rune rune) => rune.Value is (>= 0x0A and <= 0x0D) or (>= 0x1C and <= 0x1E) or 0x85 or 0x2028 or 0x2029;

    private static bool IsSpace(Rune rune) => Rune.IsWhiteSpace(rune) || rune.Value is >= 0x1C and <= 0x1F;

    private static Rune? Next(ReadOnlySpan<byte> text, ref int at)
    {
        if (at >= text.Length) return null;
        if (text[at] == '\\' && at + 1 < text.Length) return Escaped(text, ref at);
        Rune.DecodeFromUtf8(text[at..], out var rune, out var length);
        at += length;
        return rune;
    }

    private static Rune Escaped(ReadOnlySpan<byte> text, ref int at)
    {
        var escape = (char)text[at + 1];
        at += 2;
        if (escape != 'u') return new Rune(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', 'b' => '\b', _ => escape });
        var isHex = Utf8Parser.TryParse(text.Slice(at, Math.Min(4, text.Length - at)), out ushort unit, out var digits, 'x');
        at += digits;
        return isHex && Rune.TryCreate((char)unit, out var rune) ? rune : Rune.ReplacementChar;   // halves of a pair are no part of a magic
    }
}
