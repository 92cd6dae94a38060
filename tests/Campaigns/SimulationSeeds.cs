using System.Globalization;
using Notebook.Cli.Testing;
using Notebook.Simulator.Runs;

namespace Notebook.Campaigns;

/// <summary>Seeds of <see cref="FaultCampaign"/>: hours of sessions in virtual time, under faults.</summary>
internal static class SimulationSeeds
{
    private const int LogLines = 2_000;

    /// <summary>Plays one seed. Null when it passed; else what tells its failure, which plays it again for the end of its log.</summary>
    public static Func<CampaignFailure>? Check(int seed)
    {
        if (Play(seed, null) is not { } broken) return null;
        return () =>
        {
            using var log = new LastLines(LogLines);
            Play(seed, log);
            var options = FaultCampaign.Options(seed);
            return new CampaignFailure(seed, Name(options), broken.Checker, broken.Found, Story(options, broken.Details, log));
        };
    }

    private static (string Checker, string Found, string Details)? Play(int seed, TextWriter? log)
    {
        try
        {
            var violations = FaultCampaign.Play(seed, log);
            if (violations.IsEmpty) return null;
            var others = violations.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {violations.Length - 1} more)") : "";
            return ("a law of all runs", violations[0] + others, string.Join('\n', violations));
        }
        catch (Exception e)
        {
            return (e.GetType().Name, e.Message.ReplaceLineEndings(" "), e.ToString());   // whatever it is, the seed that led to it is to be told
        }
    }

    private static string Name(RunOptions options) =>
        string.Create(CultureInfo.InvariantCulture, $"{options.Regime}, {options.Trace.Sessions.Length} sessions, {options.Trace.Cells.Length} cells");

    private static string Story(RunOptions options, string details, LastLines log) => string.Join('\n',
    [
        details,
        "",
        Name(options),
        .. options.Parameters.Select(parameter => $"{parameter.Name} = {parameter.Value}"),
        "",
        .. log.Lines,
    ]);
}
