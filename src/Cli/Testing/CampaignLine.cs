using System.Text.Json;

namespace Notebook.Cli.Testing;

/// <summary>The seed of a campaign that broke a rule.</summary>
/// <param name="Seed">The lowest such seed.</param>
/// <param name="Simulation">Which of the simulations of that seed, or what the seed stands for.</param>
/// <param name="Checker">The rule that was broken, or the exception's type.</param>
/// <param name="Found">What was seen, in one line.</param>
/// <param name="Story">How hard the run was, and its last events; many lines.</param>
internal sealed record CampaignFailure(int Seed, string Simulation, string Checker, string Found, string Story);

/// <summary>What the process of a campaign prints, one JSON object a line: after each seed that passed, and about one that failed.</summary>
/// <param name="Passed">Seeds that have passed so far.</param>
/// <param name="Failure">Not null in the last line of a campaign that found something.</param>
internal sealed record CampaignLine(int Passed, CampaignFailure? Failure)
{
    /// <summary>As one line.</summary>
    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static CampaignLine Read(string line) =>
        JsonSerializer.Deserialize<CampaignLine>(line) ?? throw new JsonException("a line of a campaign is an object");
}
