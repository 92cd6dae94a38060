using System.Globalization;

namespace Notebook.Simulator.Reports;

/// <summary>Values as CSV has them: the same on every machine.</summary>
internal static class CsvText
{
    /// <summary>Text, in quotes where it needs them.</summary>
    internal static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Seconds to the microsecond; nothing for no time.</summary>
    internal static string Seconds(TimeSpan? time) =>
        time is { } at ? ((decimal)at.Ticks / TimeSpan.TicksPerSecond).ToString("0.######", CultureInfo.InvariantCulture) : "";

    /// <summary>A number with up to six decimals.</summary>
    internal static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
