using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Traces;

public class TraceWindowTests
{
    [Theory]
    [InlineData("350h+17.5h", 350 * 60, 17.5 * 60, "350h+17.5h")]
    [InlineData("0h+720h", 0, 43_200, "0h+720h")]
    [InlineData("1d+90m", 1_440, 90, "24h+1.5h")]
    [InlineData("0s+36s", 0, 0.6, "0h+0.01h")]
    public void A_window_is_written_as_start_and_length(string text, double start, double length, string shown)
    {
        Assert.True(TraceWindow.TryParse(text, out var window));
        Assert.Equal(new TraceWindow(TimeSpan.FromMinutes(start), TimeSpan.FromMinutes(length)), window);
        Assert.Equal(shown, window.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("350h")]
    [InlineData("350+17.5")]
    [InlineData("350h+0h")]
    [InlineData("-1h+2h")]
    [InlineData("1h+2h+3h")]
    [InlineData("1h+99999999h")]
    [InlineData("1h+h")]
    [InlineData("1e2h+1h")]
    public void What_is_no_window_is_refused(string text) => Assert.False(TraceWindow.TryParse(text, out _));

    [Fact]
    public void Cells_submitted_in_it_are_kept_and_cut_at_its_end()
    {
        var trace = new Trace("t", [Cell(0, 9, 5), Cell(0, 14, 6), Cell(1, 10, 1), Cell(2, 19, 5), Cell(3, 20, 1)]);
        Assert.True(Window(10, 10).TryCut(trace, out var part));
        Assert.Equal([Cell(1, 0, 1), Cell(0, 4, 6), Cell(2, 9, 1)], part.Cells.ToArray());
        Assert.Equal(TimeSpan.FromMinutes(10), part.Length);
        Assert.Equal(Window(10, 10), part.Window);
    }

    [Fact]
    public void A_window_without_cells_cuts_nothing()
    {
        var trace = new Trace("t", [Cell(0, 9, 5)]);
        Assert.False(Window(10, 10).TryCut(trace, out _));
    }

    [Fact]
    public void Reservation_holds_until_the_windows_end_and_in_a_whole_trace_until_the_last_cells()
    {
        var trace = new Trace("t", [Cell(0, 0, 60), Cell(0, 120, 60), Cell(1, 240, 60)]);
        Assert.Equal(3 + 1, trace.Reserved().HoursUntil(trace.Length));
        Assert.True(Window(0, 300).TryCut(trace, out var part));
        Assert.Equal(5 + 1, part.Reserved().HoursUntil(part.Length));
        Assert.Equal(3, part.Busy().HoursUntil(part.Length));
    }

    private static TraceWindow Window(double start, double length) => new(TimeSpan.FromMinutes(start), TimeSpan.FromMinutes(length));

    private static TraceCell Cell(int session, double submit, double duration) =>
        new(session, TimeSpan.FromMinutes(submit), TimeSpan.FromMinutes(duration), 1);
}
