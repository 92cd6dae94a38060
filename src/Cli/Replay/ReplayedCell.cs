using System.Text;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Replay;

/// <summary>A cell of a replay, and what has become of it so far.</summary>
/// <param name="index">Which of its session, from 0.</param>
/// <param name="traced">What the trace says of it, in the replay's time.</param>
internal sealed class ReplayedCell(int index, TraceCell traced)
{
    private readonly StringBuilder _printed = new();

    /// <summary>Which of its session, from 0.</summary>
    public int Index => index;

    /// <summary>What the trace says of it.</summary>
    public TraceCell Traced => traced;

    /// <summary>Whether it was submitted.</summary>
    public bool IsSubmitted { get; set; }

    /// <summary>When its code began.</summary>
    public TimeSpan? Began { get; private set; }

    /// <summary>When its code ended.</summary>
    public TimeSpan? CodeEnded { get; private set; }

    /// <summary>When its reply was there.</summary>
    public TimeSpan? Ended { get; private set; }

    /// <summary>How it ended.</summary>
    public CellEnd Outcome { get; private set; } = CellEnd.Unfinished;

    /// <summary>Whether the kernel has nothing more to say of it.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Where it ran, and whether it had waited for GPUs before; null where the platform did not say.</summary>
    public CellPlace? Place { get; set; }

    /// <summary>Whether it ran where the session's cell before did.</summary>
    public bool SameExecutor { get; set; }

    /// <summary>It has printed something.</summary>
    public void Printed(string text, ReplayClock clock)
    {
        _printed.Append(text);
        var (began, ended) = ReplayCode.Read(_printed.ToString());
        (Began, CodeEnded) = (Began ?? (began is { } from ? clock.At(from) : null), CodeEnded ?? (ended is { } until ? clock.At(until) : null));
    }

    /// <summary>Its reply is there: <c>ok</c>, or another status with the error's name.</summary>
    public void Replied(string? status, string? error, TimeSpan now)
    {
        if (Ended is not null) return;
        Ended = now;
        Outcome = status == "ok" ? CellEnd.Ok : error == "ExecutorLost" || Began is not null ? CellEnd.Lost : CellEnd.Refused;
    }

    /// <summary>As results have it. What it waited for is counted from the time that the trace gives, whenever it was sent.</summary>
    public CellFact Fact() => new()
    {
        Session = traced.Session,
        Index = index,
        Gpus = traced.Gpus,
        Submitted = traced.Submit,
        Started = Began is { } began && Ended is { } ended && began > ended ? ended : Began,
        Ended = Ended,
        Immediate = Began is not null && Place is { Waited: false },
        SameExecutor = SameExecutor,
        Replica = Place?.Replica,
        Server = Place?.Server,
        Outcome = Outcome,
    };
}
