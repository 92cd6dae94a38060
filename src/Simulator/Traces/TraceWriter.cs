using System.Globalization;

namespace Notebook.Simulator.Traces;

/// <summary>Writes traces in the form that <see cref="TraceReader"/> reads.</summary>
public static class TraceWriter
{
    /// <summary>Writes a trace, sorted by session, then by time, with a line feed behind each line.</summary>
    public static void Write(Trace trace, TextWriter text)
    {
        text.Write($"{TraceReader.Header}\n");
        foreach (var cell in trace.Sessions.SelectMany(session => session.Cells))
            text.Write(string.Create(CultureInfo.InvariantCulture, $"{cell.Session},{Minutes(cell.Submit)},{Minutes(cell.Duration)},{cell.Gpus}\n"));
    }

    private static decimal Minutes(TimeSpan time) => (decimal)time.Ticks / TimeSpan.TicksPerMinute;
}
