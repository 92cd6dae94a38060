namespace Notebook.Contracts;

/// <summary>
/// An <c>execute_request</c> as scheduling needs it. Its bytes stay with the gateway, which hands them to the agents;
/// the gateway submits again, with the same <see cref="MessageId"/>, whenever it is unsure that the kernel knows it.
/// </summary>
/// <param name="MessageId">The <c>msg_id</c>: unique in the kernel, so that submitting twice is one execution.</param>
/// <param name="Resources">What the cell asks for itself; null for the kernel's default.</param>
/// <param name="StopOnError">Whether an error in it aborts the cells queued behind it.</param>
/// <param name="Started">Whether the gateway has already had output of it: then it is never started again.</param>
[GenerateSerializer, Immutable, Alias("notebook.cell-submission")]
public sealed record CellSubmission(
    [property: Id(0)] string MessageId,
    [property: Id(1)] ResourceRequest? Resources,
    [property: Id(2)] bool StopOnError,
    [property: Id(3)] bool Started)
{
    /// <summary>
    /// The <c>msg_id</c> of the last cell whose reply had reached the gateway when this one came; null when none had. Its
    /// client may have seen that reply: so a failure of that cell does not abort this one, even where the kernel hears
    /// of the failure later than of this cell.
    /// </summary>
    [Id(4)]
    public string? Seen { get; init; }

    /// <summary>
    /// The cell that its client sent before it and that has no reply yet, or null. A kernel that does not know that one
    /// (its silo restarted, and queues are not stored) does not take this one before it.
    /// </summary>
    [Id(5)]
    public string? After { get; init; }
}

/// <summary>What became of a submission.</summary>
[GenerateSerializer, Immutable, Alias("notebook.submit-outcome")]
public abstract record SubmitOutcome
{
    /// <summary>It runs or waits in the queue, now or since an earlier submission of the same message.</summary>
    /// <param name="Execution">Its number in the kernel.</param>
    /// <param name="Ahead">Cells of this kernel that come before it.</param>
    [GenerateSerializer, Immutable, Alias("notebook.submit-outcome.accepted")]
    public sealed record Accepted([property: Id(0)] long Execution, [property: Id(1)] int Ahead) : SubmitOutcome;

    /// <summary>It already ended; the reply left, or leaves, the agent by itself when <see cref="CellEndKind.Completed"/>.</summary>
    /// <param name="Ending">How.</param>
    [GenerateSerializer, Immutable, Alias("notebook.submit-outcome.ended")]
    public sealed record Ended([property: Id(0)] CellEnding Ending) : SubmitOutcome;

    /// <summary>It was not taken: the kernel does not know <see cref="CellSubmission.After"/>, which is to be submitted first.</summary>
    [GenerateSerializer, Immutable, Alias("notebook.submit-outcome.too-early")]
    public sealed record TooEarly : SubmitOutcome;

    /// <summary>It was not taken, and has not run.</summary>
    /// <param name="Reason">What was asked, what was found, what to do.</param>
    [GenerateSerializer, Immutable, Alias("notebook.submit-outcome.refused")]
    public sealed record Refused([property: Id(0)] string Reason) : SubmitOutcome;
}

/// <summary>How a cell came to its end.</summary>
public enum CellEndKind
{
    /// <summary>The kernel process replied, with success or an error of the user's code. Its reply comes from the agent.</summary>
    Completed,

    /// <summary>
    /// Never ran: a cell before it failed with <c>stop_on_error</c>, or the kernel was interrupted or lost its state. Or
    /// its user restarted or shut down the kernel while it ran.
    /// </summary>
    Aborted,

    /// <summary>
    /// The process or server that ran it is gone, and what it changed does not count, or its <see cref="CellEnding.Reason"/>
    /// says that this could not be found out; the cell is not run again by itself.
    /// </summary>
    ExecutorLost,

    /// <summary>Could not be started; it has not run.</summary>
    Refused,

    /// <summary>It ran, but what it changed could not be kept: the kernel's state is as before it.</summary>
    StateNotKept,

    /// <summary>It ran to its end and counts, but its reply was lost with its server, and nothing is left to make it from.</summary>
    ReplyLost,
}

/// <summary>The end of one cell.</summary>
/// <param name="MessageId">The <c>msg_id</c> of its request.</param>
/// <param name="Execution">Its number in the kernel, 0 when it never got one.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="Reason">For the user, when it did not complete: what happened, what is kept, what to do.</param>
[GenerateSerializer, Immutable, Alias("notebook.cell-ending")]
public sealed record CellEnding(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Execution,
    [property: Id(2)] CellEndKind Kind,
    [property: Id(3)] string? Reason);
