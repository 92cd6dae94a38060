using Notebook.Simulator.Evaluation;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Evaluation;

public class PackingBoundTests
{
    [Fact]
    public void Whole_servers_are_paid_for_while_any_of_their_GPUs_is_busy()
    {
        // 4 GPUs from hour 0 to 3, 8 more from 1 to 2: one server for two hours, two for one.
        var trace = new Trace("tiny", [new TraceCell(0, TimeSpan.Zero, TimeSpan.FromHours(3), 4), new TraceCell(1, TimeSpan.FromHours(1), TimeSpan.FromHours(1), 8)]);
        Assert.Equal(2 * 8 + 2 * 8, PackingBound.GpuHours(trace, 8), 1e-9);
        Assert.Equal(3 * 4 + 8, PackingBound.GpuHours(trace, 1), 1e-9);
    }
}
