using System.Globalization;

namespace Notebook.Contracts;

/// <summary>Lengths of time as people write them: a whole number and <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
public static class TimeWords
{
    /// <summary>The time that a text says, up to a million days; null when it says none.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length is 0 or > 9) return null;
        if (!int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(Math.Min(number, 1_000_000)),
            _ => null,
        };
    }

    /// <summary>A time in words, in its largest fitting unit.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days"),
    };
}
