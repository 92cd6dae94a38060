using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Traces;

public class TraceReaderTests
{
    private const string Header = TraceReader.Header + "\n";

    [Fact]
    public void A_trace_is_sorted_by_submission_then_by_session()
    {
        var trace = Good(Header + "0,5,2,4\n0,9,1,4\n3,5,10,1\n4,1,0.5,8\n");
        Assert.Equal("t", trace.Name);
        Assert.Equal(
            [Cell(4, 1, 0.5, 8), Cell(0, 5, 2, 4), Cell(3, 5, 10, 1), Cell(0, 9, 1, 4)],
            trace.Cells.ToArray());
        Assert.Equal([0, 3, 4], trace.Sessions.Select(session => session.Session));
        Assert.Equal(TimeSpan.FromMinutes(15), trace.Length);
        Assert.Equal(8, trace.MaxGpus);
    }

    [Fact]
    public void A_byte_order_mark_line_ends_of_windows_blank_lines_and_blanks_are_no_faults() =>
        Assert.Equal(2, Good("\uFEFF" + TraceReader.Header + "\r\n0, 5,2,4\r\n\r\n0,9,1,4 \r\n\r\n").Cells.Length);

    [Theory]
    [InlineData("0,5,2", "line 2, row: found 3 columns, '0,5,2', expected 4 columns")]
    [InlineData("a,5,2,4", "line 2, session: found 'a', expected a whole number from 0 to 2147483647")]
    [InlineData("-1,5,2,4", "line 2, session: found '-1', expected a whole number from 0 to 2147483647")]
    [InlineData("1,-5,2,4", "line 2, submit_min: found '-5', expected minutes from 0 to ten years")]
    [InlineData("1,1e9,2,4", "line 2, submit_min: found '1e9', expected minutes from 0 to ten years")]
    [InlineData("1,99999999,2,4", "line 2, submit_min: found '99999999', expected minutes from 0 to ten years")]
    [InlineData("1,5,0,4", "line 2, duration_min: found '0', expected minutes above 0, up to ten years")]
    [InlineData("1,5,NaN,4", "line 2, duration_min: found 'NaN', expected minutes above 0, up to ten years")]
    [InlineData("1,5,2,0", "line 2, gpus: found '0', expected a whole number from 1 to 1024")]
    [InlineData("1,5,2,4.5", "line 2, gpus: found '4.5', expected a whole number from 1 to 1024")]
    [InlineData("1,5,2,\u00004", "line 2, gpus: found '?4', expected a whole number from 1 to 1024")]
    public void A_bad_row_is_told_with_line_column_and_what_could_be_there(string row, string message) =>
        Assert.Equal(message, Bad(Header + row + "\n").Faults.Single().ToString());

    [Theory]
    [InlineData("1,5,2,4\n0,9,2,4\n", "line 3, session: found 0 after 1, expected rows sorted by session, all of one session together")]
    [InlineData("1,5,2,4\n1,3,2,4\n", "line 3, submit_min: found 3 after 5, expected rows of one session sorted by submit_min")]
    [InlineData("1,5,2,4\n1,9,2,8\n", "line 3, gpus: found 8, expected 4 as in line 2: a session's GPUs stay the same")]
    [InlineData(
        "1,5,2.5,4\n1,7,2,4\n",
        "line 3, submit_min: found 7, while session 1's cell of line 2 runs until 7.5, expected cells of one session that do not "
        + "overlap (they may in closed loop, where each waits for the one before)")]
    public void A_row_that_may_not_follow_the_one_before_is_told(string rows, string message) =>
        Assert.Equal(message, Bad(Header + rows).Faults.Single().ToString());

    [Fact]
    public void Cells_of_a_session_may_overlap_where_the_rules_say_so()
    {
        var trace = Good(Header + "1,5,3,4\n1,7,2,4\n", new TraceRules(AllowOverlap: true));
        Assert.Equal(2, trace.Cells.Length);
        Assert.Equal(4 * 5 / 60.0, trace.Busy().HoursUntil(trace.Length), 1e-12);
    }

    [Fact]
    public void A_cell_may_be_submitted_as_the_one_before_ends() => Assert.Equal(2, Good(Header + "1,5,3,4\n1,8,2,4\n").Cells.Length);

    [Fact]
    public void The_first_ten_faults_are_told_and_the_others_counted()
    {
        var faulty = Bad(Header + string.Concat(Enumerable.Repeat("x,1,1,1\n", 25)));
        Assert.Equal(Enumerable.Range(2, 10).Select(line => (long)line), faulty.Faults.Select(fault => fault.Line));
        Assert.Equal(15, faulty.Others);
        Assert.EndsWith("\nt: and 15 more faults", faulty.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_row_is_told_by_its_beginning() =>
        Assert.Equal($"1 columns, '{new string('x', 40)}...'", Bad(Header + new string('x', 100_000)).Faults.Single().Found);

    [Theory]
    [InlineData("", "line 1, row: found '', expected the columns' names session,submit_min,duration_min,gpus")]
    [InlineData("0,5,2,4\n", "line 1, row: found '0,5,2,4', expected the columns' names session,submit_min,duration_min,gpus")]
    [InlineData(Header, "line 2, row: found the end, expected at least one cell")]
    public void A_trace_needs_its_columns_names_and_a_cell(string text, string message) =>
        Assert.Equal(message, Bad(text).Faults.Single().ToString());

    [Fact]
    public void A_file_that_is_not_there_is_unreadable() =>
        Assert.IsType<TraceReading.Unreadable>(TraceReader.ReadFile(Path.Combine(AppContext.BaseDirectory, "none.csv"), new TraceRules()));

    private static TraceCell Cell(int session, double submit, double duration, int gpus) =>
        new(session, TimeSpan.FromMinutes(submit), TimeSpan.FromMinutes(duration), gpus);

    private static Trace Good(string text, TraceRules? rules = null) =>
        Assert.IsType<TraceReading.Read>(TraceReader.Read("t", new StringReader(text), rules ?? new TraceRules())).Trace;

    private static TraceReading.Faulty Bad(string text) =>
        Assert.IsType<TraceReading.Faulty>(TraceReader.Read("t", new StringReader(text), new TraceRules()));
}
