using System.Globalization;
using Notebook.Hosting;

namespace Notebook.Cli.Simulation;

/// <summary>Reads the values of options that the library has no form for; what cannot be read is told in one line.</summary>
internal static class OptionText
{
    private static readonly (string Suffix, double Bytes)[] s_units = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1), ("", 1)];

    /// <summary>A whole number within bounds.</summary>
    public static int? Whole(string option, string? text, int least, int most)
    {
        if (text is null) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        throw Usage($"{option} {text}: a whole number from {least} to {most}");
    }

    /// <summary>A number within bounds; null when it is something else.</summary>
    public static double? Number(string text, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;

    /// <summary>As many numbers with commas between as <paramref name="form"/> has names, each within bounds.</summary>
    public static double[]? Numbers(string option, string? text, string form, double least, double most)
    {
        if (text is null) return null;
        var numbers = text.Split(',').Select(part => Number(part, least, most)).ToArray();
        return numbers.Length == form.Split(',').Length && numbers.All(number => number is not null)
            ? [.. numbers.Select(number => number!.Value)]
            : throw Usage(string.Create(CultureInfo.InvariantCulture, $"{option} {text}: {form}, each a number from {least} to {most}"));
    }

    /// <summary>A number of bytes such as <c>512MB</c>, up to 100 TB.</summary>
    public static double? Bytes(string option, string? text)
    {
        if (text is null) return null;
        var (suffix, bytes) = s_units.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        return Number(text[..^suffix.Length], 0, 1e14 / bytes) * bytes ?? throw Usage($"{option} {text}: a number of bytes up to 100TB, such as 512MB or 4GB");
    }

    /// <summary>A command line that cannot be understood.</summary>
    public static UserException Usage(string line) => new(line, ExitCodes.Usage);
}
