using System.CommandLine;
using System.Globalization;
using Notebook.Cli.Testing;
using Notebook.Hosting;
using Spectre.Console;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook test raft --seeds N</c> and its like: as many seeds of a simulation as one has time for.</summary>
/// <param name="kind">Which simulation.</param>
/// <param name="installation">Where the simulation lies.</param>
/// <param name="time">For its pace.</param>
/// <param name="runTests">What the command does without <c>--seeds</c>: the tests of it.</param>
internal sealed class CampaignCommand(CampaignKind kind, Installation installation, TimeProvider time, Func<ParseResult, Task<int>> runTests)
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    private readonly Option<int?> _seeds = Whole("--seeds", 1, kind.Seeds);
    private readonly Option<int?> _firstSeed = Whole("--first-seed", 0, "The first seed (default: 1).");
    private readonly Option<bool> _json = new("--json") { Description = "The result as JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command(kind.Name, kind.Description) { _seeds, _firstSeed, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<int?> Whole(string name, int least, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least) return value;
            result.AddError($"{name} {text}: a whole number from {least} to {int.MaxValue}");
            return null;
        },
    };

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var (seeds, first) = (parsed.GetValue(_seeds), parsed.GetValue(_firstSeed));
        if (seeds is null && (first is not null || parsed.GetValue(_json)))
            throw new UserException("--first-seed and --json belong to a campaign: say how many seeds with --seeds N", ExitCodes.Usage);
        if (seeds is null) return runTests(parsed);
        if ((first ?? 1) + (long)seeds - 1 > int.MaxValue)
            throw new UserException($"--first-seed {first ?? 1} --seeds {seeds}: the last seed that there is is {int.MaxValue}", ExitCodes.Usage);
        return RunAsync(first ?? 1, seeds.Value, parsed.GetValue(_json));
    }

    private async Task<int> RunAsync(int first, int seeds, bool asJson)
    {
        using var signals = new StopSignals();
        await Console.Error.WriteLineAsync("building the simulation...");
        var campaign = await SeedCampaign.BuildAsync(kind, installation, time, signals.Token);
        var result = await ShowAsync(campaign, first, seeds);
        var story = result.Failure is { } failure ? await SaveAsync(failure) : null;
        await Console.Out.WriteLineAsync(asJson ? result.ToJson(story).ToJsonString(Json.Options) : result.Text(story));
        return result.IsGood ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<CampaignResult> ShowAsync(SeedCampaign campaign, int first, int seeds)
    {
        if (Console.IsErrorRedirected)
        {
            var shown = TimeSpan.Zero;
            return await campaign.RunAsync(first, seeds, pace =>
            {
                if (pace.Elapsed - shown < LineEvery) return;
                shown = pace.Elapsed;
                Console.Error.WriteLine(pace.Line);
            });
        }

        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var columns = new ProgressColumn[]
        {
            new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left },
        };
        return await screen.Progress().AutoClear(true).Columns(columns).StartAsync(async progress =>
        {
            var bar = progress.AddTask($"seeds from {first} on", maxValue: seeds);
            return await campaign.RunAsync(first, seeds, pace => (bar.Value, bar.Description) = (pace.Passed, pace.Line));
        });
    }

    private async Task<string> SaveAsync(CampaignFailure failure)
    {
        var folder = Path.Combine(installation.Root, "artifacts", "test-results");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{kind.Name}-seed-{failure.Seed}.txt");
        await File.WriteAllTextAsync(path, failure.Story);
        return path;
    }
}
