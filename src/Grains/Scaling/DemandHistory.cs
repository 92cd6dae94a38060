namespace Notebook.Grains.Scaling;

/// <summary>
/// The demand for GPUs of the last hour, as its peak in each minute: what cells held and what waited. Costs nothing while nothing
/// changes. No clock, no IO.
/// </summary>
internal sealed class DemandHistory
{
    /// <summary>Minutes that are remembered.</summary>
    public const int Minutes = 60;

    private readonly int[] _peaks = new int[Minutes];   // by minute, modulo
    private long _minute = -1;                          // the newest
    private int _now;

    /// <summary>The demand from now on.</summary>
    public void Note(int gpus, DateTimeOffset now)
    {
        Pass(now);
        _now = gpus;
        ref var peak = ref _peaks[_minute % Minutes];
        peak = Math.Max(peak, gpus);
    }

    /// <summary>The peak of each minute, the present one first; of minutes before the first note 0.</summary>
    public ImmutableArray<int> Peaks(DateTimeOffset now)
    {
        Pass(now);
        var peaks = ImmutableArray.CreateBuilder<int>(Minutes);
        for (var ago = 0; ago < Minutes; ago++) peaks.Add(_peaks[(_minute - ago + Minutes) % Minutes]);
        return peaks.MoveToImmutable();
    }

    /// <summary>Minutes that have passed since had what the last note said.</summary>
    private void Pass(DateTimeOffset now)
    {
        var minute = now.UtcTicks / TimeSpan.TicksPerMinute;
        if (_minute < 0) _minute = minute;
        for (var passed = Math.Max(_minute + 1, minute - Minutes + 1); passed <= minute; passed++) _peaks[passed % Minutes] = _now;
        _minute = Math.Max(_minute, minute);
    }
}
