using Notebook.Grains.Cluster;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Cluster;

public sealed class ClusterQueueTests
{
    private static readonly HashSet<KernelId> s_nobody = [];
    private readonly Subscription _subscription = new(SubscriptionLimits.Default);
    private readonly ClusterQueue _queue;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public ClusterQueueTests() => _queue = New(new QueueRecord());

    [Fact]
    public void Room_at_a_server_of_the_kernel_is_offered_the_executors_first()
    {
        var board = Board.Of(("a", 8, 4), ("b", 8, 0), ("c", 8, 4));
        Join(Cell("k", 4, "c", "a", "b"));   // the first named is the executor
        Assert.Equal("offer k c", Step(Assert.Single(Turn(board))));
        Assert.Empty(Turn(board));           // said once
        Assert.Contains("kept for it on server c", _queue.PlaceOf(new("k"))!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_is_of_the_server_where_it_leaves_least_where_the_executors_has_no_room()
    {
        var board = Board.Of(("a", 8, 8), ("b", 8, 4), ("c", 8, 2));
        Join(Cell("k", 4, "a", "b", "c"));
        Assert.Equal("offer k b", Step(Assert.Single(Turn(board))));
    }

    [Fact]
    public void What_is_offered_counts_no_more_as_waited_for_until_the_offer_has_lapsed()
    {
        var board = Board.Of(("a", 8, 4));
        Join(Cell("k", 4, "a"));
        Join(Cell("other", 8, "a"));
        Assert.Equal(12, _queue.UnmetGpus);
        Assert.Equal("offer k a", Step(Assert.Single(Turn(board))));
        Assert.Equal(8, _queue.UnmetGpus);
        board.Set("a", 8, 6);
        _now += ClusterQueue.OfferLimit;
        Assert.Empty(Turn(board));
        Assert.Equal(12, _queue.UnmetGpus);
    }

    [Fact]
    public void What_is_offered_to_one_is_not_offered_to_another()
    {
        var board = Board.Of(("a", 8, 2));
        Join(Cell("first", 4, "a"));
        Join(Cell("second", 4, "a"));
        Assert.Equal("offer first a", Step(Assert.Single(Turn(board))));
        Assert.True(_queue.Leave(new("first"), 1));
        board.Set("a", 8, 6);
        Assert.Empty(Turn(board));
        board.Set("a", 8, 4);
        Assert.Equal("offer second a", Step(Assert.Single(Turn(board))));
    }

    [Fact]
    public void An_offer_that_is_not_taken_is_made_again_and_a_kernel_that_is_silent_loses_its_place()
    {
        var board = Board.Of(("a", 1, 0));
        Join(Cell("k", 1, "a"));
        Assert.Single(Turn(board));
        _now += ClusterQueue.OfferLimit;
        Assert.Single(Turn(board));
        _now += ClusterQueue.Absence;
        Assert.Empty(Turn(board));
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void A_smaller_cell_goes_ahead_for_a_minute_and_then_room_is_kept_for_the_larger()
    {
        var board = Board.Of(("a", 8, 6));
        Join(Cell("large", 8, "a"));
        Assert.Empty(Turn(board));
        Join(Cell("small-1", 2, "a"));
        Assert.Equal("offer small-1 a", Step(Assert.Single(Turn(board))));
        _queue.Leave(new("small-1"), 1);
        board.Set("a", 8, 8);

        Pass(ClusterQueue.Patience, "large");
        Assert.Equal("keep large a", Step(Assert.Single(Turn(board))));
        Assert.Contains("what becomes idle on server a is kept for it", _queue.PlaceOf(new("large"))!.Reason, StringComparison.Ordinal);
        board.Set("a", 8, 6);
        Join(Cell("small-2", 2, "a"));
        Assert.Empty(Turn(board));   // two are idle, but they are kept
        Pass(ClusterQueue.Renewal, "large", "small-2");
        Assert.Equal("keep large a", Step(Assert.Single(Turn(board))));
        board.Set("a", 8, 0);
        Assert.Equal("offer large a", Step(Assert.Single(Turn(board))));
    }

    [Fact]
    public void Where_none_of_its_servers_has_room_a_replica_moves_to_one_that_has()
    {
        var board = Board.Of(("a", 8, 8), ("b", 8, 8), ("c", 8, 8), ("d", 8, 3), ("e", 8, 2), ("f", 8, 5));
        Join(Cell("k", 4, "a", "b", "c"));
        Assert.Equal("move k k/2 d", Step(Assert.Single(Turn(board))));   // a standby, to where it leaves the fewest idle GPUs
        Assert.Empty(Turn(board));
        Assert.Contains("to server d, where it finds", _queue.PlaceOf(new("k"))!.Reason, StringComparison.Ordinal);
        Assert.Equal(new ServerId("d"), Assert.Single(_queue.Moves).Target);

        Join(Cell("other", 7, "a", "b", "c"));
        Assert.Empty(Turn(board));   // what the first moves to is not idle for the second
        Pass(ClusterQueue.Renewal, "k", "other");
        Assert.Equal("keep k d", Step(Assert.Single(Turn(board))));
    }

    [Fact]
    public void After_a_move_the_room_there_is_the_kernels_and_after_a_failed_one_there_is_a_pause()
    {
        var board = Board.Of(("a", 8, 8), ("d", 8, 2));
        Join(Cell("k", 4, "a"));
        Assert.Equal("move k k/1 d", Step(Assert.Single(Turn(board))));
        _queue.MoveEnded(new("k"), new(ReplicaId.Of(new("k"), 1), new("d"), Done: false, "so"), _now);
        Assert.Empty(Turn(board));
        Pass(ClusterQueue.MovePause, "k");
        Assert.Equal("move k k/1 d", Step(Assert.Single(Turn(board))));
        _queue.MoveEnded(new("k"), new(ReplicaId.Of(new("k"), 1), new("d"), Done: true, null), _now);
        Assert.Empty(Turn(board));
        Assert.Contains("kept for it on server d", _queue.PlaceOf(new("k"))!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("without a majority")]
    [InlineData("while another move is under way")]
    [InlineData("to a server that is drained")]
    [InlineData("to a server that has promised too much")]
    [InlineData("of a replica that alone has a value")]
    public void No_replica_moves(string why)
    {
        var board = Board.Of(("a", 8, 8), ("b", 8, 8), ("c", 8, 8), ("d", 8, 0));
        var cell = Cell("k", 4, "a", "b", "c");
        HashSet<KernelId> busy = [];
        switch (why)
        {
            case "without a majority":
                cell = cell with { Replicas = [.. cell.Replicas.Select(r => r with { IsReady = r.IsExecutor })] };
                break;
            case "while another move is under way":
                busy.Add(new("k"));
                break;
            case "to a server that is drained":
                board.Drain(new("d"), true);
                break;
            case "to a server that has promised too much":
                board.Set("d", 8, 0, promised: (7 * 8 * 3) - 3);
                break;
            default:
                cell = cell with { Replicas = [.. cell.Replicas.Select(r => r with { Pinned = "it alone has x" })] };
                break;
        }

        Join(cell);
        Assert.Empty(_queue.Turn(board, _now, 7, busy));
        Assert.Contains("4 GPUs: the kernel's servers", _queue.PlaceOf(new("k"))!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_place_is_by_first_arrival_also_after_a_crash()
    {
        Join(Cell("first", 4, "a"));
        _now += TimeSpan.FromSeconds(1);
        Join(Cell("second", 4, "a"));
        var after = New(_queue.Record);
        _now += TimeSpan.FromSeconds(10);
        Assert.False(after.Join(Cell("second", 4, "a"), _now));
        Assert.False(after.Join(Cell("first", 4, "a") with { Execution = 7 }, _now));
        Assert.Equal("offer first a", Step(Assert.Single(after.Turn(Board.Of(("a", 4, 0)), _now, 7, s_nobody))));
        Assert.Equal(["first", "second"], after.Places().Select(p => p.Kernel.Value));
        Assert.Contains("place 2 of 2", after.PlaceOf(new("second"))!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_cell_of_a_kernel_comes_anew_and_a_late_leave_of_the_one_before_does_not_touch_it()
    {
        Join(Cell("k", 4, "a"));
        _now += TimeSpan.FromSeconds(1);
        Assert.True(_queue.Join(Cell("k", 4, "a") with { MessageId = "next", Execution = 2 }, _now));
        Assert.False(_queue.Leave(new("k"), 1));
        Assert.Equal(1, _queue.Count);
        Assert.True(_queue.Leave(new("k"), 2));
        Assert.False(_queue.Leave(new("k"), 2));
    }

    [Fact]
    public void What_becomes_idle_is_kept_for_one_cell_at_a_time_so_that_two_do_not_wait_for_each_other()
    {
        var board = Board.Of(("a", 8, 8));
        Join(Cell("first", 8, "a"));
        Join(Cell("second", 8, "a"));
        Pass(ClusterQueue.Patience, "first", "second");
        Assert.Equal("keep first a", Step(Assert.Single(Turn(board))));
        board.Set("a", 8, 0);
        Assert.Equal("offer first a", Step(Assert.Single(Turn(board))));
        _queue.Leave(new("first"), 1);
        board.Set("a", 8, 8);
        Assert.Equal("keep second a", Step(Assert.Single(Turn(board))));
    }

    [Fact]
    public void It_is_bounded()
    {
        for (var i = 0; i < ClusterQueue.Capacity; i++) Join(Cell($"k{i}", 1, "a"));
        Assert.Null(_queue.Join(Cell("one-more", 1, "a"), _now));
        Assert.False(_queue.Join(Cell("k5", 1, "a"), _now));
    }

    [Fact]
    public void What_the_cluster_lacks_is_what_is_neither_offered_nor_on_the_move()
    {
        var board = Board.Of(("a", 8, 4), ("d", 8, 2));
        Join(Cell("offered", 4, "a"));
        Join(Cell("moving", 2, "b"));
        Join(Cell("waiting", 8, "a"));
        board.Set("b", 8, 8);
        Turn(board);
        Assert.Equal(new ResourceAmounts(8, 0, 0, 0), Assert.Single(_queue.Unmet));
    }

    private ClusterQueue New(QueueRecord record) => new(new FirstComeQueue(), new CheapestMove(), _subscription, record);

    private void Join(WaitingCell cell) => Assert.NotNull(_queue.Join(cell, _now));

    /// <summary>Time passes, and these kernels ask again, as kernels do.</summary>
    private void Pass(TimeSpan time, params string[] kernels)
    {
        _now += time;
        foreach (var place in _queue.Places().Where(p => kernels.Contains(p.Kernel.Value)))
            Assert.False(_queue.Join(_queue.Record.Entries.Single(e => e.Cell.Kernel == place.Kernel).Cell, _now));
    }

    private ImmutableArray<QueueStep> Turn(ServerBoard board) => _queue.Turn(board, _now, 7, s_nobody);

    private static string Step(QueueStep step) => step switch
    {
        QueueStep.Offer offer => $"offer {offer.Cell.Kernel} {offer.Server}",
        QueueStep.Keep keep => $"keep {keep.Cell.Kernel} {keep.Server}",
        QueueStep.Move move => $"move {move.Cell.Kernel} {move.Decision.Replica} {move.Decision.Target}",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    private static WaitingCell Cell(string kernel, int gpus, params string[] servers) => new(
        new(kernel), 1, $"{kernel}-m1", "user", new(gpus, 0, 0, 0),
        [.. servers.Select((server, i) => new MovableReplica(ReplicaId.Of(new(kernel), i + 1), new(server), i == 0, true, 0, null))])
    {
        SpecName = "python3",
    };
}
