using System.Globalization;

namespace Notebook.Cli.Testing;

/// <summary>How far a campaign is, and how fast it goes.</summary>
/// <param name="Passed">Seeds that have passed.</param>
/// <param name="Seeds">Seeds in all.</param>
/// <param name="Elapsed">The time that it took.</param>
internal readonly record struct CampaignPace(int Passed, int Seeds, TimeSpan Elapsed)
{
    /// <summary>Seeds per second; 0 before the first has passed.</summary>
    public double SeedsPerSecond => Elapsed > TimeSpan.Zero ? Passed / Elapsed.TotalSeconds : 0;

    /// <summary>Such as <c>38.2 seeds/s, 1 min 05 s left</c>; empty before the first seed has passed.</summary>
    public string Text => SeedsPerSecond > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{SeedsPerSecond:0.0} seeds/s, {Words((Seeds - Passed) / SeedsPerSecond)} left")
        : "";

    /// <summary>The same as a line of its own, for what is no terminal.</summary>
    public string Line => $"{Passed} of {Seeds} seeds passed{(Text.Length > 0 ? ", " : "")}{Text}";

    private static string Words(double seconds)
    {
        var whole = (long)Math.Ceiling(seconds);
        return whole switch
        {
            < 60 => $"{whole} s",
            < 3600 => $"{whole / 60} min {whole % 60:00} s",
            _ => $"{whole / 3600} h {whole % 3600 / 60:00} min",
        };
    }
}
