using System.Collections.Immutable;
using System.Text;

namespace Notebook.Simulator.Traces;

/// <summary>
/// Reads traces: UTF-8 text with one line for each cell, <c>session,submit_min,duration_min,gpus</c>, sorted by session, then by
/// time of submission. The first line has these names. Read line by line; of the text only the cells are kept.
/// </summary>
public static class TraceReader
{
    /// <summary>How many faults of one trace are told in full.</summary>
    public const int MaxFaults = 10;

    /// <summary>The first line of a trace.</summary>
    public const string Header = "session,submit_min,duration_min,gpus";

    /// <summary>Reads a trace from a file, which gives it its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rules">What may be in it.</param>
    public static TraceReading ReadFile(string path, TraceRules rules)
    {
        try
        {
            using var text = new StreamReader(path, Encoding.UTF8);
            return Read(Path.GetFileNameWithoutExtension(path), text, rules);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new TraceReading.Unreadable(e.Message);
        }
    }

    /// <summary>Reads a trace.</summary>
    /// <param name="name">What it is called in reports.</param>
    /// <param name="text">Its text.</param>
    /// <param name="rules">What may be in it.</param>
    public static TraceReading Read(string name, TextReader text, TraceRules rules)
    {
        var cells = new List<TraceCell>();
        var faults = ImmutableArray.CreateBuilder<TraceFault>();
        var others = 0L;
        var header = text.ReadLine();
        if (header?.TrimStart('\uFEFF').Trim() != Header)
            return new TraceReading.Faulty(name, [new TraceFault(1, "row", TraceRow.Shown(header ?? ""), $"the columns' names {Header}")], 0);

        var order = new TraceOrder(rules);
        var line = 1L;
        while (text.ReadLine() is { } row)
        {
            line++;
            if (string.IsNullOrWhiteSpace(row)) continue;
            var fault = TraceRow.Parse(line, row, out var cell) ?? order.Check(line, cell);
            if (fault is null) cells.Add(cell);
            else if (faults.Count < MaxFaults) faults.Add(fault);
            else others++;
        }
        if (faults.Count > 0) return new TraceReading.Faulty(name, faults.ToImmutable(), others);
        if (cells.Count == 0) return new TraceReading.Faulty(name, [new TraceFault(line + 1, "row", "the end", "at least one cell")], 0);
        return new TraceReading.Read(new Trace(name, cells));
    }
}
