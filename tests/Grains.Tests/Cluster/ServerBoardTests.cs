using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class ServerBoardTests
{
    private readonly Subscription _subscription = new(SubscriptionLimits.Default);

    [Fact]
    public void Only_servers_that_are_up_and_kept_and_offer_the_kernelspec_and_are_large_enough_can_take_a_replica()
    {
        var board = Board.Of(("a", 8, 0), ("b", 8, 8), ("c", 4, 0), ("d", 8, 0), ("e", 8, 0), ("f", 8, 0));
        board.Set("d", 8, 0, state: ServerState.Suspect);
        board.Drain(new("e"), true);
        board.Offers(new("f"), ["julia"]);
        Assert.Equal(["a", "b"], Able(board, 8));
        Assert.Equal(["a"], Able(board, 8, except: "b"));
        board.Drain(new("e"), false);
        Assert.Equal(["a", "b", "e"], Able(board, 8));
    }

    [Fact]
    public void An_older_word_does_not_undo_a_newer_one()
    {
        var board = new ServerBoard();
        var first = new ServerSummary(new("a"), 5, ServerState.Up, new(new(8, 0, 0, 0), default, default, default), 0, new(0, 0, 0, 0));
        Assert.True(board.Hear(first));
        Assert.False(board.Hear(first with { Version = 5, State = ServerState.Down }));
        Assert.True(board.Find(new("a"))!.IsUp);
    }

    [Fact]
    public void News_count_when_more_is_free_or_the_server_is_back()
    {
        var board = Board.Of(("a", 8, 4));
        Assert.False(board.Set("a", 8, 6));
        Assert.True(board.Set("a", 8, 5));
        Assert.False(board.Set("a", 8, 5));
        Assert.False(board.Set("a", 8, 0, state: ServerState.Down));
        Assert.True(board.Set("a", 8, 0));
    }

    [Fact]
    public void A_server_that_is_removed_is_forgotten()
    {
        var board = Board.Of(("a", 8, 4), ("b", 8, 0));
        board.Remove(new("a"));
        Assert.Equal(["b"], board.All.Select(s => s.Server.Value));
        Assert.Equal(0, board.CommittedGpus);
    }

    [Fact]
    public void Servers_are_in_the_order_of_their_names_in_whichever_order_they_come()
    {
        var board = Board.Of(("m", 8, 4), ("b", 8, 0), ("z", 8, 0), ("a", 8, 0), ("c", 8, 0));
        board.Remove(new("m"));
        board.Set("n", 8, 0);
        Assert.Equal(["a", "b", "c", "n", "z"], board.All.Select(s => s.Server.Value));
    }

    [Fact]
    public void The_kernelspec_that_is_meant_is_the_one_asked_for_else_python3_else_the_first()
    {
        var board = Board.Of(("a", 8, 0), ("b", 8, 0));
        board.Offers(new("a"), ["ruby", "julia"]);
        Assert.Equal("python3", board.SpecFor(""));
        Assert.Equal("ruby", board.SpecFor("ruby"));
        Assert.Null(board.SpecFor("cobol"));
        board.Drain(new("b"), true);
        Assert.Equal("julia", board.SpecFor(""));
        Assert.Null(board.SpecFor("python3"));
        Assert.True(board.HasGpus);
        board.Drain(new("a"), true);
        Assert.False(board.HasUsable);
        Assert.False(board.HasGpus);
        Assert.Null(board.SpecFor(""));
    }

    private string[] Able(ServerBoard board, int gpus, params string[] except) =>
        [.. board.Able("python3", new(gpus, 0, 0, 0), _subscription, 7, except.Select(s => new ServerId(s)).ToHashSet()).Select(s => s.Server.Value)];
}
