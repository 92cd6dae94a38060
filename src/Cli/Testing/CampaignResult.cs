using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Cli.Testing;

/// <summary>How a campaign ended.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="FirstSeed">The first seed.</param>
/// <param name="Pace">How many seeds passed of how many, and in what time.</param>
/// <param name="Failure">The seed that broke a rule; null when none did.</param>
internal sealed record CampaignResult(CampaignKind Kind, int FirstSeed, CampaignPace Pace, CampaignFailure? Failure)
{
    /// <summary>Whether all seeds ran, and none broke a rule.</summary>
    public bool IsGood => Failure is null && Pace.Passed == Pace.Seeds;

    /// <summary>Whether it was stopped before its end.</summary>
    public bool IsStopped => Failure is null && Pace.Passed < Pace.Seeds;

    /// <summary>For a person: one line, and where a seed failed what failed and how to run it again.</summary>
    /// <param name="story">The file with the failing run's last events; null when nothing failed.</param>
    public string Text(string? story)
    {
        var passed = string.Create(CultureInfo.InvariantCulture,
            $"{Pace.Passed} of {Pace.Seeds} seeds passed, from seed {FirstSeed} on, in {Pace.Elapsed.TotalSeconds:0.0} s ({Pace.SeedsPerSecond:0.0} seeds/s)");
        if (Failure is null) return IsStopped ? $"stopped: {passed}; none failed" : passed;
        return $"""
            seed {Failure.Seed} FAILED ({Failure.Simulation})
            checker  {Failure.Checker}
            found    {Failure.Found}
            events   {story}
            replay   {Replay(Failure)}
            {passed}
            """;
    }

    /// <summary>For programs: fields are added, never renamed.</summary>
    /// <param name="story">The file with the failing run's last events; null when nothing failed.</param>
    public JsonObject ToJson(string? story) => new()
    {
        ["first_seed"] = FirstSeed,
        ["seeds"] = Pace.Seeds,
        ["passed"] = Pace.Passed,
        ["seconds"] = Math.Round(Pace.Elapsed.TotalSeconds, 3),
        ["seeds_per_second"] = Math.Round(Pace.SeedsPerSecond, 3),
        ["stopped"] = IsStopped,
        ["failure"] = Failure is null ? null : new JsonObject
        {
            ["seed"] = Failure.Seed,
            ["simulation"] = Failure.Simulation,
            ["checker"] = Failure.Checker,
            ["found"] = Failure.Found,
            ["events"] = story,
            ["replay"] = Replay(Failure),
        },
    };

    private string Replay(CampaignFailure failure) => $"./notebook test {Kind.Name} --seeds 1 --first-seed {failure.Seed}";
}
