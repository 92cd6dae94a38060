using System.Collections.Immutable;

namespace Notebook.Simulator.Traces;

/// <summary>What became of reading a trace.</summary>
public abstract record TraceReading
{
    private TraceReading()
    {
    }

    /// <summary>It was read.</summary>
    /// <param name="Trace">The trace.</param>
    public sealed record Read(Trace Trace) : TraceReading;

    /// <summary>It has faults; nothing of it is used.</summary>
    /// <param name="Name">The trace's name.</param>
    /// <param name="Faults">The first faults, in order of their lines; at most <see cref="TraceReader.MaxFaults"/>.</param>
    /// <param name="Others">How many there are besides those.</param>
    public sealed record Faulty(string Name, ImmutableArray<TraceFault> Faults, long Others) : TraceReading
    {
        /// <summary>All of it for a person: one line for each fault, and one for the number of the others.</summary>
        public override string ToString()
        {
            var lines = Faults.Select(fault => $"{Name}: {fault}");
            return string.Join('\n', Others == 0 ? lines : lines.Append($"{Name}: and {Others} more faults"));
        }
    }

    /// <summary>The file cannot be read.</summary>
    /// <param name="Reason">What the operating system says.</param>
    public sealed record Unreadable(string Reason) : TraceReading;
}

/// <summary>Something in a trace that cannot be so.</summary>
/// <param name="Line">The line, from 1; the first has the columns' names.</param>
/// <param name="Column">The column's name, or <c>row</c> for the whole line.</param>
/// <param name="Found">What is there.</param>
/// <param name="Expected">What could be there.</param>
public sealed record TraceFault(long Line, string Column, string Found, string Expected)
{
    /// <summary>All of it in one line.</summary>
    public override string ToString() => $"line {Line}, {Column}: found {Found}, expected {Expected}";
}

/// <summary>What a trace may have in it.</summary>
/// <param name="AllowOverlap">
/// Whether a cell may be submitted while the session's cell before it runs. That is for closed loop by session alone, where
/// each cell waits for the one before.
/// </param>
public sealed record TraceRules(bool AllowOverlap = false);
