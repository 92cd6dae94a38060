using System.Collections.Immutable;

namespace Notebook.Simulator.Traces;

/// <summary>One session of a trace.</summary>
/// <param name="Session">Its number.</param>
/// <param name="Gpus">The GPUs that each of its cells needs.</param>
/// <param name="Cells">Its cells, in order of submission; at least one.</param>
public sealed record TraceSession(int Session, int Gpus, ImmutableArray<TraceCell> Cells)
{
    /// <summary>When its first cell is submitted.</summary>
    public TimeSpan Start => Cells[0].Submit;

    /// <summary>When its last cell ends, if each starts as it is submitted.</summary>
    public TimeSpan End { get; } = Cells.Max(cell => cell.End);
}
