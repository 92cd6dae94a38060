using Notebook.Gateway.Doors;

namespace Notebook.Gateway.Tests.Doors;

/// <summary>How long others wait for a ZMQ subscriber that does not keep up.</summary>
public sealed class SubscriberPatienceTests
{
    private readonly SubscriberPatience _patience = new(limit: TimeSpan.FromSeconds(10), forgivenAfter: TimeSpan.FromSeconds(60));

    [Fact]
    public void It_ends_when_there_was_no_room_for_the_limit()
    {
        Assert.True(_patience.MayWait(At(0)));
        Assert.True(_patience.MayWait(At(9.9)));
        Assert.False(_patience.MayWait(At(10)));
    }

    [Fact]
    public void Once_it_has_ended_nobody_waits_for_the_next_who_has_no_room_either()
    {
        _patience.MayWait(At(0));
        Assert.False(_patience.MayWait(At(10)));
        _patience.Went(At(10));
        Assert.False(_patience.MayWait(At(11)));
    }

    [Fact]
    public void A_little_room_now_and_then_does_not_begin_it_anew()
    {
        for (var second = 0; second < 10; second++)
        {
            Assert.True(_patience.MayWait(At(second * 2)));
            Assert.True(_patience.MayWait(At((second * 2) + 0.5)));
            _patience.Went(At((second * 2) + 1));
        }

        Assert.False(_patience.MayWait(At(20)));
    }

    [Fact]
    public void After_a_while_with_room_for_everything_it_counts_anew()
    {
        _patience.MayWait(At(0));
        _patience.MayWait(At(10));
        _patience.Went(At(10));
        Assert.False(_patience.MayWait(At(69)));   // full again within the while
        _patience.Went(At(69));
        Assert.True(_patience.MayWait(At(129)));
    }

    private static DateTimeOffset At(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
}
