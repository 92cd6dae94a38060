namespace Notebook.Grains.Kernels;

/// <summary>Which kernels are ended since nobody uses them, as an operator chose it; the words are those of Jupyter's servers.</summary>
/// <param name="IdleTimeout">After how long without use; zero for never.</param>
/// <param name="Interval">How often each kernel is looked at.</param>
/// <param name="Connected">Whether also kernels that have clients.</param>
/// <param name="Busy">Whether also kernels whose cells run or wait.</param>
public sealed record CullSettings(TimeSpan IdleTimeout, TimeSpan Interval, bool Connected, bool Busy)
{
    /// <summary>How often, when nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(5);

    /// <summary>None, but for those whose users ask for it.</summary>
    public static CullSettings Default { get; } = new(TimeSpan.Zero, DefaultInterval, Connected: false, Busy: false);

    /// <summary>How times can be written, for messages.</summary>
    public const string KnownTimes = "a number of seconds, or a number with s, m, h or d, such as 3600, 90m or 2d";

    /// <summary>The time that a text says; null when it says none.</summary>
    public static TimeSpan? ParseTime(string text) => TimeWords.Parse(text.Length > 0 && text.All(char.IsAsciiDigit) ? $"{text}s" : text);

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault =>
        IdleTimeout < TimeSpan.Zero || IdleTimeout > CullChoice.Longest ? $"kernels are culled after at most {CullChoice.Longest.TotalDays:0} days, not {IdleTimeout}"
        : Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromDays(1) ? $"kernels are looked at every 1 s to 1 day, not every {Interval}"
        : null;

    /// <summary>After how long without use a kernel is ended whose user says something; null for never. The operator's word is the longest time.</summary>
    /// <param name="asked">What its user says; null for nothing.</param>
    public TimeSpan? TimeoutOf(TimeSpan? asked) => asked is { } own && (IdleTimeout == TimeSpan.Zero || own < IdleTimeout)
        ? own
        : IdleTimeout == TimeSpan.Zero ? null : IdleTimeout;
}
