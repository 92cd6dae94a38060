namespace Notebook.Simulator.Results;

/// <summary>How a cell ended.</summary>
public enum CellEnd
{
    /// <summary>Its code ran to its end and its reply came.</summary>
    Ok,

    /// <summary>Its executor died while it ran: its user got an error that says so.</summary>
    Lost,

    /// <summary>It was never run: its user got an error that says why.</summary>
    Refused,

    /// <summary>It had not ended when the run did.</summary>
    Unfinished,
}

/// <summary>What became of one cell in a run. Times are since the run's start; null for what had not happened when the run ended.</summary>
public readonly record struct CellFact
{
    /// <summary>The session's number in the trace.</summary>
    public required int Session { get; init; }

    /// <summary>Which cell of the session, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The GPUs that it asked for.</summary>
    public required int Gpus { get; init; }

    /// <summary>When its user submitted it.</summary>
    public required TimeSpan Submitted { get; init; }

    /// <summary>When its code began to run.</summary>
    public TimeSpan? Started { get; init; }

    /// <summary>When its user had the reply.</summary>
    public TimeSpan? Ended { get; init; }

    /// <summary>When GPUs were leased for it; null also where they are its kernel's as long as that lives.</summary>
    public TimeSpan? Leased { get; init; }

    /// <summary>When those GPUs were given back.</summary>
    public TimeSpan? Released { get; init; }

    /// <summary>Whether it got its GPUs when it first asked, without waiting in a queue.</summary>
    public bool Immediate { get; init; }

    /// <summary>Whether it ran at the replica that ran the session's cell before; false for a session's first cell.</summary>
    public bool SameExecutor { get; init; }

    /// <summary>The replica that ran it; null when none did.</summary>
    public string? Replica { get; init; }

    /// <summary>The server that ran it; null when none did.</summary>
    public string? Server { get; init; }

    /// <summary>How it ended.</summary>
    public required CellEnd Outcome { get; init; }
}
