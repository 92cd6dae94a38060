using System.Globalization;
using System.Text.RegularExpressions;

namespace Notebook.Cli.Replay;

/// <summary>The code of a replayed cell: it says when it begins and when it ends, and sleeps in between.</summary>
internal static partial class ReplayCode
{
    /// <summary>Python that takes so long.</summary>
    public static string Of(TimeSpan duration) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        import time
        print(f"replay begins {"{time.time():.6f}"}")
        time.sleep({duration.TotalSeconds:0.######})
        print(f"replay ends {"{time.time():.6f}"}")
        """);

    /// <summary>Reads what it has printed so far. The times are those of the kernel's server.</summary>
    /// <returns>When it began and ended; null for what it has not said.</returns>
    public static (DateTimeOffset? Began, DateTimeOffset? Ended) Read(string printed)
    {
        DateTimeOffset? Time(string word) =>
            Line().Matches(printed).FirstOrDefault(line => line.Groups["word"].Value == word) is { } found
                ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(double.Parse(found.Groups["seconds"].Value, CultureInfo.InvariantCulture))
                : null;
        return (Time("begins"), Time("ends"));
    }

    [GeneratedRegex(@"^replay (?<word>begins|ends) (?<seconds>[0-9]+\.[0-9]+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
