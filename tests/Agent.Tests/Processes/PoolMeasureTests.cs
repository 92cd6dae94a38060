using Notebook.Agent.Processes;

namespace Notebook.Agent.Tests.Processes;

public sealed class PoolMeasureTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PoolMeasure _measure = new();

    [Fact]
    public void Starts_are_counted_by_whether_they_found_a_process()
    {
        _measure.Taken(isHit: true, s_start);
        _measure.Taken(isHit: true, s_start);
        _measure.Taken(isHit: false, s_start);
        Assert.Equal((2L, 1L), (_measure.Hits, _measure.Misses));
    }

    [Fact]
    public void A_place_is_empty_from_a_start_until_a_process_is_made_the_oldest_first()
    {
        _measure.Taken(isHit: true, At(0));
        _measure.Taken(isHit: false, At(1));
        Made(at: 4, took: 3);
        Made(at: 7, took: 1);
        Assert.Equal(TimeSpan.FromSeconds(2), _measure.StartTime);
        Assert.Equal(TimeSpan.FromSeconds(5), _measure.HoldingTime);   // 4 and 6
    }

    [Fact]
    public void Filling_a_pool_for_the_first_time_says_nothing_of_how_long_places_stay_empty()
    {
        Made(at: 1, took: 1);
        Assert.Null(_measure.HoldingTime);
        Assert.Equal(TimeSpan.FromSeconds(1), _measure.StartTime);
    }

    [Fact]
    public void A_place_that_is_not_filled_again_does_not_count()
    {
        _measure.Taken(isHit: true, At(0));
        _measure.Rests();   // the pool has become smaller
        _measure.Taken(isHit: true, At(100));
        Made(at: 102, took: 1);
        Assert.Equal(TimeSpan.FromSeconds(2), _measure.HoldingTime);
    }

    [Fact]
    public void Only_the_last_ones_count()
    {
        for (var n = 0; n < PoolMeasure.Remembered; n++) Made(at: n, took: 100);
        for (var n = 0; n < PoolMeasure.Remembered; n++) Made(at: n, took: 2);
        Assert.Equal(TimeSpan.FromSeconds(2), _measure.StartTime);
    }

    [Fact]
    public void Times_of_several_pools_weigh_as_much_as_their_starts()
    {
        var busy = new PoolFigures(1, 7, 2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 20);
        var idle = new PoolFigures(2, 0, 4, TimeSpan.FromSeconds(4), null, 30);
        var all = PoolFigures.Of([busy, idle]);
        Assert.Equal((3, 7L, 6L, 30L), (all.Warm, all.Hits, all.Misses, all.ProcessMemoryMb));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)), (all.StartTime, all.HoldingTime));
        Assert.Equal(default, PoolFigures.Of([]) with { StartTime = null });
    }

    private void Made(double at, double took) => _measure.Made(TimeSpan.FromSeconds(took), At(at));

    private static DateTimeOffset At(double seconds) => s_start + TimeSpan.FromSeconds(seconds);
}
