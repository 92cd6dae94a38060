using Notebook.Hosting;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Simulation;

/// <summary>Which trace is played.</summary>
/// <param name="File">The trace's file; null for a synthetic one.</param>
/// <param name="Synthetic">SESSIONS,LENGTH or SESSIONS,LENGTH,CELLS of a synthetic one; null for a file.</param>
/// <param name="Window">The part of it; null for all.</param>
internal sealed record TraceChoice(string? File, string? Synthetic, string? Window)
{
    private const string SyntheticForm = "SESSIONS,LENGTH or SESSIONS,LENGTH,CELLS, such as 100,7d or 456,30d,100000";

    /// <summary>Reads or makes it, and cuts the window out of it.</summary>
    /// <param name="rules">What may be in it.</param>
    /// <param name="seed">What a synthetic one is made from.</param>
    /// <exception cref="UserException">It cannot be; the message says which line or option is wrong, and how.</exception>
    public Trace Load(TraceRules rules, int seed)
    {
        if (File is not null == Synthetic is not null) throw OptionText.Usage("say which trace to play: a file, or --synthetic SESSIONS,LENGTH (one of the two)");
        var part = ReadWindow();
        var whole = File is not null ? Read(File, rules) : Make(Synthetic!, seed);
        if (part is not { } window) return whole;
        if (window.TryCut(whole, out var cut)) return cut;
        throw OptionText.Usage(FormattableString.Invariant($"--window {Window}: no cell of {whole.Name} is submitted in it; its first is at hour {whole.Cells[0].Submit.TotalHours:0.##}, its last at hour {whole.Cells[^1].Submit.TotalHours:0.##}"));
    }

    private TraceWindow? ReadWindow()
    {
        if (Window is null) return null;
        return TraceWindow.TryParse(Window, out var window) ? window : throw OptionText.Usage($"--window {Window}: {TraceWindow.Form}; longer than nothing");
    }

    private static Trace Read(string file, TraceRules rules) => TraceReader.ReadFile(Path.GetFullPath(file), rules) switch
    {
        TraceReading.Read read => read.Trace,
        TraceReading.Faulty faulty => throw OptionText.Usage($"{faulty}"),
        TraceReading.Unreadable(var reason) => throw OptionText.Usage($"the trace {file} cannot be read: {reason}"),
        _ => throw new InvalidOperationException("a reading of a fourth kind"),
    };

    private static Trace Make(string text, int seed)
    {
        if (text.Split(',') is not [var sessions, var length, .. var rest] || rest.Length > 1
            || OptionText.Number(sessions, 1, TraceSize.MaxSessions) is not { } number || number % 1 != 0
            || !TraceWindow.TryParseTime(length, out var time) || time < TimeSpan.FromMinutes(1))
        {
            throw OptionText.Usage($"--synthetic {text}: {SyntheticForm}; 1 to {TraceSize.MaxSessions} sessions, a minute to ten years");
        }

        long? cells = null;
        if (rest is [var most])
            cells = (long)(OptionText.Number(most, 1, TraceSize.MaxCells) ?? throw OptionText.Usage($"--synthetic {text}: {SyntheticForm}; 1 to {TraceSize.MaxCells} cells"));
        return TraceGenerator.Make(new TraceSize((int)number, time, cells), seed);
    }
}
