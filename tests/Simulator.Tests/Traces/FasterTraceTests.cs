using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Traces;

public sealed class FasterTraceTests
{
    private static readonly Trace s_trace = new(
        "two", [new TraceCell(1, Minutes(2), Minutes(6), 4), new TraceCell(3, Minutes(30), TimeSpan.FromTicks(3), 1)]);

    [Fact]
    public void A_faster_trace_has_all_its_times_shorter_by_the_same_factor()
    {
        var fast = s_trace.Faster(60);
        Assert.Equal<TraceCell>([new TraceCell(1, Seconds(2), Seconds(6), 4), new TraceCell(3, Seconds(30), TimeSpan.FromTicks(1), 1)], fast.Cells);
        Assert.Equal((s_trace.Name, Seconds(30) + TimeSpan.FromTicks(1)), (fast.Name, fast.Length));
        Assert.Equal(s_trace.Reserved().HoursUntil(s_trace.Length) / 60, fast.Reserved().HoursUntil(fast.Length), 6);
    }

    [Fact]
    public void A_faster_window_ends_when_the_window_does()
    {
        Assert.True(new TraceWindow(Minutes(1), Minutes(20)).TryCut(s_trace, out var part));
        var fast = part.Faster(10);
        Assert.Equal(Minutes(2), fast.Length);
        Assert.Equal(Minutes(1), fast.Window!.Value.Start);
    }

    [Fact]
    public void No_trace_is_played_at_no_speed() => Assert.Throws<ArgumentOutOfRangeException>(() => s_trace.Faster(0));

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
