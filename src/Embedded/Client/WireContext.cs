using System.Collections.Immutable;
using System.Globalization;

namespace Notebook.Embedded.Client;

/// <summary>A request context on the wire: texts, numbers, booleans and GUIDs travel, each with a letter for its type.</summary>
internal static class WireContext
{
    private const int MaxEntries = 256;

    public static void Write(FrameWriter frame, ImmutableDictionary<string, object>? context)
    {
        var entries = (context ?? ImmutableDictionary<string, object>.Empty)
            .Select(e => (e.Key, Text: Encode(e.Value))).Where(e => e.Text is not null).ToArray();
        frame.Number(entries.Length);
        foreach (var (key, text) in entries) frame.Text(key).Text(text!);
    }

    public static ImmutableDictionary<string, object>? Read(ref FrameReader frame)
    {
        var count = frame.Number();
        if (count == 0) return null;
        if (count is < 0 or > MaxEntries) throw new GrainProtocolException($"a request context of {count} entries; at most {MaxEntries} travel");
        var context = ImmutableDictionary.CreateBuilder<string, object>();
        for (var i = 0; i < count; i++)
        {
            var key = frame.Text();
            context[key] = Decode(frame.Text());
        }

        return context.ToImmutable();
    }

    private static string? Encode(object value) => value switch
    {
        string text => "s" + text,
        int number => "i" + number.ToString(CultureInfo.InvariantCulture),
        long number => "l" + number.ToString(CultureInfo.InvariantCulture),
        double number => "d" + number.ToString("R", CultureInfo.InvariantCulture),
        bool flag => flag ? "b1" : "b0",
        Guid id => "g" + id.ToString("N"),
        _ => null,
    };

    private static object Decode(string text)
    {
        try
        {
            return text[0] switch
            {
                's' => text[1..],
                'i' => int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture),
                'l' => long.Parse(text.AsSpan(1), CultureInfo.InvariantCulture),
                'd' => double.Parse(text.AsSpan(1), CultureInfo.InvariantCulture),
                'b' => text == "b1",
                'g' => Guid.ParseExact(text.AsSpan(1), "N"),
                _ => throw new FormatException(),
            };
        }
        catch (Exception error) when (error is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new GrainProtocolException($"\"{text}\" is not a value of a request context", error);
        }
    }
}
