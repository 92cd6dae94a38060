using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class QueuePolicyTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void First_come_first_served_among_users_who_have_nothing() =>
        Assert.Equal([0, 1, 2], Fair([("ann", 1, 0), ("bob", 1, 1), ("eve", 8, 2)]));

    [Fact]
    public void Who_holds_gpus_lets_others_pass_by_thirty_seconds_a_gpu()
    {
        Assert.Equal([1, 0], Fair([("ann", 1, 0), ("bob", 1, 59)], ("ann", 2)));
        Assert.Equal([0, 1], Fair([("ann", 1, 0), ("bob", 1, 61)], ("ann", 2)));
    }

    [Fact]
    public void A_user_who_queues_many_cells_does_not_starve_one_who_queues_one()
    {
        var order = Fair([.. Enumerable.Range(0, 20).Select(i => ("ann", 1, i)), ("bob", 1, 25)]);
        Assert.Equal(20, order[1]);
    }

    [Fact]
    public void Nobody_is_put_off_for_more_than_ten_minutes() =>
        Assert.Equal([0, 1], Fair([("ann", 1, 0), ("bob", 1, 601)], ("ann", 1000)));

    [Fact]
    public void First_come_looks_at_nothing_else() =>
        Assert.Equal([0, 1], new FirstComeQueue().Order(View([("ann", 1, 0), ("bob", 1, 1)], ("ann", 9))).ToArray());

    private static int[] Fair((string User, int Gpus, int Second)[] cells, params (string User, int Gpus)[] held) =>
        [.. new FairQueue().Order(View(cells, held))];

    private static QueueView View((string User, int Gpus, int Second)[] cells, params (string User, int Gpus)[] held) => new(
        s_start,
        [.. cells.Select((c, i) => new QueuedRequest(new($"k{i}"), c.User, new(c.Gpus, 0, 0, 0), s_start.AddSeconds(c.Second)))],
        held.ToImmutableDictionary(h => h.User, h => h.Gpus));
}
