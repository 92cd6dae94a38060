using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Evaluation;

/// <summary>What nobody can save who pays for whole servers.</summary>
internal static class PackingBound
{
    /// <summary>
    /// GPU-hours of the fewest whole servers that have the busy GPUs at each moment, as if servers came and went at once and
    /// cells could move while they run.
    /// </summary>
    /// <param name="trace">The trace.</param>
    /// <param name="gpusPerServer">GPUs of a server; at least 1.</param>
    internal static double GpuHours(Trace trace, int gpusPerServer) =>
        trace.Busy().With(new StepSeries(), (busy, _) => Math.Ceiling(busy / gpusPerServer) * gpusPerServer).HoursUntil(trace.Length);
}
