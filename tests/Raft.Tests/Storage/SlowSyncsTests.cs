using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Storage;

public sealed class SlowSyncsTests
{
    private readonly SlowSyncs _syncs = new();

    [Fact]
    public void Of_a_sync_that_takes_its_time_nothing_is_said_and_of_one_that_takes_too_long_it_is() =>
        Assert.Equal([null, new SlowSync(Seconds(1.5), Seconds(1.5), 1)], new[] { _syncs.Ended(Seconds(1), Seconds(1)), _syncs.Ended(Seconds(1.5), Seconds(3)) });

    [Fact]
    public void It_is_said_once_a_minute_with_all_that_was_meanwhile()
    {
        Assert.NotNull(_syncs.Ended(Seconds(2), Seconds(10)));
        Assert.Null(_syncs.Ended(Seconds(9), Seconds(30)));
        Assert.Null(_syncs.Ended(Seconds(3), Seconds(69)));
        Assert.Null(_syncs.Ended(Seconds(0.1), Seconds(80)));
        Assert.Equal(new SlowSync(Seconds(4), Seconds(9), 3), _syncs.Ended(Seconds(4), Seconds(81)));
        Assert.Null(_syncs.Ended(Seconds(4), Seconds(90)));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
