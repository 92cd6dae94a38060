using Notebook.Cli.Replay;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Cli.Tests.Replay;

public sealed class ReplayedCellTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(1000);
    private readonly ReplayClock _clock = new(TimeProvider.System, s_start);
    private readonly ReplayedCell _cell = new(1, new TraceCell(7, Seconds(5), Seconds(2), 4));

    [Fact]
    public void Its_times_are_since_the_replays_beginning_and_it_is_submitted_when_the_trace_says()
    {
        _cell.Printed("replay begins 1006.5\n", _clock);
        _cell.Printed("replay ends 1008.5\n", _clock);
        _cell.Replied("ok", null, Seconds(9));
        _cell.Place = new CellPlace("2", "agent-1", Waited: false);

        Assert.Equal(
            new CellFact
            {
                Session = 7,
                Index = 1,
                Gpus = 4,
                Submitted = Seconds(5),
                Started = Seconds(6.5),
                Ended = Seconds(9),
                Immediate = true,
                Replica = "2",
                Server = "agent-1",
                Outcome = CellEnd.Ok,
            },
            _cell.Fact());
        Assert.Equal(Seconds(8.5), _cell.CodeEnded);
    }

    [Fact]
    public void A_line_that_comes_in_pieces_is_read_when_it_is_whole()
    {
        _cell.Printed("replay beg", _clock);
        Assert.Null(_cell.Began);
        _cell.Printed("ins 1006.5\n", _clock);
        Assert.Equal(Seconds(6.5), _cell.Began);
    }

    [Theory]
    [InlineData(true, "ok", null, CellEnd.Ok)]
    [InlineData(false, "error", "ExecutorLost", CellEnd.Lost)]
    [InlineData(true, "error", "KeyboardInterrupt", CellEnd.Lost)]
    [InlineData(false, "error", "CellRefused", CellEnd.Refused)]
    [InlineData(false, "aborted", null, CellEnd.Refused)]
    public void How_it_ended_follows_from_its_reply(bool began, string status, string? error, CellEnd outcome)
    {
        if (began) _cell.Printed("replay begins 1006.0\n", _clock);
        _cell.Replied(status, error, Seconds(9));
        Assert.Equal(outcome, _cell.Outcome);
    }

    [Fact]
    public void One_without_a_reply_is_unfinished() => Assert.Equal((CellEnd.Unfinished, null), (_cell.Fact().Outcome, _cell.Fact().Ended));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
