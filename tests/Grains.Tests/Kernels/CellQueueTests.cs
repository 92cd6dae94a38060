using Notebook.Grains.Kernels;

namespace Notebook.Grains.Tests.Kernels;

public sealed class CellQueueTests
{
    private static readonly ReplicaId s_replica = new("k/1");

    [Fact]
    public void Cells_are_numbered_in_order_and_only_one_runs()
    {
        var queue = New();
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), queue.Submit(Cell("a")));
        queue.Start(s_replica, 1, null);
        Assert.Equal(new SubmitOutcome.Accepted(2, 1), queue.Submit(Cell("b")));
        Assert.Equal(new SubmitOutcome.Accepted(3, 2), queue.Submit(Cell("c")));
        Assert.Null(queue.Next);
        queue.End(CellEndKind.Completed, null, failed: false);
        Assert.Equal("b", queue.Next?.MessageId);
    }

    [Fact]
    public void A_message_is_one_execution_however_often_it_is_submitted()
    {
        var queue = New();
        queue.Submit(Cell("a"));
        queue.Submit(Cell("b"));
        queue.Start(s_replica, 1, null);
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), queue.Submit(Cell("a")));
        Assert.Equal(new SubmitOutcome.Accepted(2, 1), queue.Submit(Cell("b")));
        queue.End(CellEndKind.Completed, null, failed: false);
        var ended = Assert.IsType<SubmitOutcome.Ended>(queue.Submit(Cell("a")));
        Assert.Equal(CellEndKind.Completed, ended.Ending.Kind);
        Assert.Equal(3, queue.NextExecution);
    }

    [Fact]
    public void A_cell_that_was_taken_back_is_the_first_again_with_its_number()
    {
        var queue = New();
        queue.Submit(Cell("a"));
        queue.Submit(Cell("b"));
        queue.Start(s_replica, 1, null);
        queue.TakeBack();
        Assert.Equal(("a", 1L), (queue.Next?.MessageId, queue.Next?.Execution ?? 0));
        Assert.Equal(new SubmitOutcome.Accepted(2, 1), queue.Submit(Cell("b")));
        Assert.Equal(1, queue.Start(new ReplicaId("k/2"), 2, null).Execution);
    }

    [Fact]
    public void A_cell_is_not_taken_before_the_one_that_its_client_sent_first()
    {
        var queue = New();
        Assert.IsType<SubmitOutcome.TooEarly>(queue.Submit(Cell("b") with { After = "a" }));
        queue.Submit(Cell("a"));
        Assert.Equal(new SubmitOutcome.Accepted(2, 1), queue.Submit(Cell("b") with { After = "a" }));
        queue.Start(s_replica, 1, null);
        Assert.Equal(new SubmitOutcome.Accepted(3, 2), queue.Submit(Cell("c") with { After = "a" }));
        queue.End(CellEndKind.Completed, null, failed: false);
        Assert.Equal(new SubmitOutcome.Accepted(4, 2), queue.Submit(Cell("d") with { After = "a" }));
    }

    [Fact]
    public void A_failure_aborts_those_behind_when_the_cell_asked_for_it()
    {
        var queue = New();
        foreach (var id in (string[])["a", "b", "c"]) queue.Submit(Cell(id));
        queue.Start(s_replica, 1, null);
        var endings = queue.End(CellEndKind.Completed, null, failed: true);
        Assert.Equal([CellEndKind.Completed, CellEndKind.Aborted, CellEndKind.Aborted], endings.Select(e => e.Kind));
        Assert.False(queue.IsBusy);
    }

    [Fact]
    public void A_failure_does_not_abort_a_cell_whose_client_may_have_seen_it()
    {
        var queue = New();
        foreach (var id in (string[])["a", "b"]) queue.Submit(Cell(id));
        queue.Submit(Cell("c") with { Seen = "a" });
        queue.Start(s_replica, 1, null);
        var endings = queue.End(CellEndKind.Completed, null, failed: true);
        Assert.Equal(["a", "b"], endings.Select(e => e.MessageId));
        Assert.Equal("c", queue.Next?.MessageId);
        Assert.Equal(1, queue.Waiting);
    }

    [Fact]
    public void A_failure_aborts_nothing_when_the_cell_did_not()
    {
        var queue = New();
        queue.Submit(Cell("a", stopOnError: false));
        queue.Submit(Cell("b"));
        queue.Start(s_replica, 1, null);
        Assert.Single(queue.End(CellEndKind.Completed, null, failed: true));
        Assert.Equal("b", queue.Next?.MessageId);
    }

    [Fact]
    public void The_queue_is_bounded_and_says_so()
    {
        var queue = New();
        for (var i = 0; i < CellQueue.Capacity; i++) Assert.IsType<SubmitOutcome.Accepted>(queue.Submit(Cell($"{i}")));
        var refused = Assert.IsType<SubmitOutcome.Refused>(queue.Submit(Cell("one too many")));
        Assert.Contains("1000 cells", refused.Reason, StringComparison.Ordinal);
        Assert.IsType<SubmitOutcome.Accepted>(queue.Submit(Cell("5")));   // is in it already
    }

    [Fact]
    public void A_cell_that_had_started_and_is_not_known_is_never_run_again()
    {
        var queue = New();
        var ended = Assert.IsType<SubmitOutcome.Ended>(queue.Submit(Cell("a") with { Started = true }));
        Assert.Equal(CellEndKind.ExecutorLost, ended.Ending.Kind);
        Assert.IsType<SubmitOutcome.Ended>(queue.Submit(Cell("a")));
        Assert.False(queue.IsBusy);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void A_message_id_must_be_there_and_not_too_long(string? id) =>
        Assert.IsType<SubmitOutcome.Refused>(New().Submit(Cell(id ?? new string('x', CellQueue.MaxMessageIdLength + 1))));

    [Fact]
    public void A_request_for_fewer_than_no_gpus_is_refused() =>
        Assert.IsType<SubmitOutcome.Refused>(New().Submit(Cell("a") with { Resources = new ResourceRequest(-1) }));

    [Fact]
    public void The_view_says_what_the_first_waits_for_and_is_cut_at_the_limit()
    {
        var queue = New();
        for (var i = 0; i < 5; i++) queue.Submit(Cell($"{i}"));
        var view = queue.View("GPUs", limit: 3);
        Assert.Equal(["GPUs", null, null], view.Select(c => c.WaitingFor));
    }

    [Fact]
    public void Only_the_last_thousand_endings_are_remembered()
    {
        var endings = new Endings([], []);
        for (var i = 0; i <= Endings.Capacity; i++) endings.Remember(new CellEnding($"{i}", i, CellEndKind.Completed, null));
        Assert.Null(endings.Find("0"));
        Assert.NotNull(endings.Find("1"));
        Assert.Equal(Endings.Capacity, endings.All.Length);
    }

    [Fact]
    public void Endings_are_the_same_again_from_archive_and_recent_ones()
    {
        var endings = new Endings([], []);
        for (var i = 0; i < 60; i++)
        {
            endings.Remember(new CellEnding($"{i}", i, CellEndKind.Completed, null));
            if (endings.ArchiveIsDue) endings.Archived();
        }

        var again = new Endings(endings.All.Take(50), endings.Recent);
        Assert.Equal(10, again.Recent.Length);
        Assert.Equal(endings.All.ToArray(), again.All.ToArray());
    }

    private static CellQueue New() => new(1, null, new Endings([], []));

    private static CellSubmission Cell(string id, bool stopOnError = true) => new(id, null, stopOnError, Started: false);
}
