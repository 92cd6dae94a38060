using System.Globalization;

namespace Notebook.Contracts.Policies;

/// <summary>The pre-warm policies that there are.</summary>
public enum PrewarmKind
{
    /// <summary>Each agent keeps as many processes warm as it was started with.</summary>
    Agent,

    /// <summary>A number for each server.</summary>
    Fixed,

    /// <summary>A number that is to be idle always, whatever is being started.</summary>
    Minimum,

    /// <summary>As many as the measured rate of starts and the measured time to replace a process ask for.</summary>
    LittlesLaw,
}

/// <summary>Which pre-warm policy an operator picks.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Count">Its number, 0 to <see cref="MaxCount"/>; 0 where it has none.</param>
public sealed record PrewarmChoice(PrewarmKind Kind, int Count)
{
    /// <summary>The most processes of one kernelspec that a server keeps warm.</summary>
    public const int MaxCount = 64;

    /// <summary>What can be written, for messages.</summary>
    public const string Known = "agent, fixed:N, minimum:N or littles-law, with N from 0 to 64";

    /// <summary>What there is when nobody says otherwise.</summary>
    public static PrewarmChoice Default { get; } = new(PrewarmKind.Agent, 0);

    /// <summary>What a text on a command line picks; null when it is none of <see cref="Known"/>.</summary>
    public static PrewarmChoice? Parse(string text) => text.Split(':') switch
    {
        ["agent"] => Default,
        ["littles-law"] => new(PrewarmKind.LittlesLaw, 0),
        ["fixed", var number] when CountOf(number) is { } count => new(PrewarmKind.Fixed, count),
        ["minimum", var number] when CountOf(number) is { } count => new(PrewarmKind.Minimum, count),
        _ => null,
    };

    /// <summary>As it is written on a command line.</summary>
    public override string ToString() => Kind switch
    {
        PrewarmKind.Agent => "agent",
        PrewarmKind.Fixed => $"fixed:{Count}",
        PrewarmKind.Minimum => $"minimum:{Count}",
        _ => "littles-law",
    };

    private static int? CountOf(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MaxCount ? count : null;
}
