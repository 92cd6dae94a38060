namespace Notebook.Contracts.Policies;

/// <summary>When an operator wants idle kernels to give their processes back.</summary>
/// <param name="After">After how long without use, from <see cref="Shortest"/> to <see cref="Longest"/>; null for never.</param>
public sealed record ReclaimChoice(TimeSpan? After)
{
    /// <summary>The shortest time.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The longest time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>What can be written, for messages.</summary>
    public const string Known = "none or idle:TIME, such as idle:30m, idle:180m, idle:90s or idle:2d, from 1s to 365d";

    /// <summary>What there is when nobody says otherwise.</summary>
    public static ReclaimChoice Default { get; } = new((TimeSpan?)null);

    /// <summary>What a text on a command line picks; null when it is none of <see cref="Known"/>.</summary>
    public static ReclaimChoice? Parse(string text) => text.Split(':') switch
    {
        ["none"] => Default,
        ["idle", var time] when TimeWords.Parse(time) is { } after && after >= Shortest && after <= Longest => new(after),
        _ => null,
    };
}
