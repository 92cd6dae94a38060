namespace Notebook.Simulator.Traces;

/// <summary>One cell of a trace: work that one notebook session asked for.</summary>
/// <param name="Session">The session's number.</param>
/// <param name="Submit">When it was submitted, since the trace's start.</param>
/// <param name="Duration">How long its code runs; positive.</param>
/// <param name="Gpus">The GPUs that it needs; at least 1, the same for all cells of a session.</param>
public readonly record struct TraceCell(int Session, TimeSpan Submit, TimeSpan Duration, int Gpus)
{
    /// <summary>When it ends if it starts as it is submitted.</summary>
    public TimeSpan End => Submit + Duration;
}
