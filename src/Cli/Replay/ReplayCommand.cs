using System.CommandLine;
using System.Globalization;
using Notebook.Cli.Commands;
using Notebook.Cli.Simulation;
using Notebook.Hosting;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;
using Spectre.Console;

namespace Notebook.Cli.Replay;

/// <summary><c>notebook replay</c>: a trace, faster than it was, on a running platform with real kernels.</summary>
internal sealed class ReplayCommand(CommonOptions common, TimeProvider time)
{
    private const double SpeedMax = 100_000;
    private static readonly TimeSpan s_lineEvery = TimeSpan.FromSeconds(10);

    private readonly Argument<string> _trace = new("trace") { Description = "The trace to play, a CSV file (docs/simulator.md)." };
    private readonly Option<string?> _window = new("--window") { Description = "The part of the trace to play, such as 350h+0.5h (default: all).", HelpName = "START+LENGTH" };
    private readonly Option<string?> _speed = new("--speed") { Description = "How many times faster than it was (default: 60, a minute in a second).", HelpName = "N" };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "Name of the kernelspec, of a Python (default: python3).", HelpName = "NAME" };
    private readonly Option<string?> _gateway = new("--gateway") { Description = "Another platform's gateway; with --silo and --token.", HelpName = "URL" };
    private readonly Option<string?> _silo = new("--silo") { Description = "That platform's silo.", HelpName = "URL" };
    private readonly Option<string?> _token = new("--token") { Description = "The token of both.", HelpName = "TOKEN" };
    private readonly Option<string?> _writeTrace = new("--write-trace") { Description = "Write the trace, as fast as it would be played, to a file for 'notebook simulate'; nothing is played.", HelpName = "FILE" };
    private readonly Option<string?> _out = new("--out") { Description = "Folder for the results (default: simulations/, and in it one of the trace's name; with --json none).", HelpName = "DIR" };
    private readonly Option<bool> _force = new("--force") { Description = "Write into the folder whatever else is in it." };
    private readonly Option<bool> _json = new("--json") { Description = "Print result.json, for programs, and nothing else." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("replay", "Play a trace, faster than it was, on the running platform: real kernels, real waiting.")
        {
            _trace, _window, _speed, _kernel, _gateway, _silo, _token, _writeTrace, _out, _force, _json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var speed = Speed(parsed.GetValue(_speed));
        var original = new TraceChoice(parsed.GetRequiredValue(_trace), null, parsed.GetValue(_window)).Load(new TraceRules(), seed: 1);
        var trace = original.Faster(speed);
        if (parsed.GetValue(_writeTrace) is { } file) return Write(trace, file);

        using var signals = new StopSignals();
        var platform = Platform(parsed);
        var status = await platform.CheckAsync(trace.MaxGpus, signals.Token);
        var (asJson, path) = (parsed.GetValue(_json), parsed.GetValue(_out));
        var folder = asJson && path is null ? null : ResultFolder.Open(path ?? ResultFolder.Default(original, ["replay"]), parsed.GetValue(_force));
        var run = new ReplayRun(platform, trace, original.Window, speed, time);
        var facts = await ShowAsync(trace, progress => run.PlayAsync(parsed.GetValue(_kernel) ?? "python3", status, progress, signals.Token));
        if (facts.End <= TimeSpan.Zero)
        {
            folder?.Abandon();
            throw new UserException("interrupted before the trace had begun: there are no results");
        }

        var result = RegimeResult.Of(facts, new PriceModel());
        folder?.Write([result]);
        Show(result, asJson, folder);
        foreach (var fault in run.Faults) await Console.Error.WriteLineAsync(fault);
        if (facts.IsPartial) throw new UserException("interrupted: the results are partial");
        var bad = facts.Cells.Count(cell => cell.Outcome != CellEnd.Ok);
        return bad == 0 ? ExitCodes.Ok : throw new UserException(FormattableString.Invariant($"{bad} of {facts.Cells.Length} cells did not end well: the results say which"));
    }

    private double Speed(string? text) => text is null ? 60
        : OptionText.Number(text, 0.001, SpeedMax) ?? throw OptionText.Usage(FormattableString.Invariant($"{_speed.Name} {text}: a number from 0.001 to {SpeedMax}"));

    private ReplayPlatform Platform(ParseResult parsed)
    {
        string?[] given = [parsed.GetValue(_gateway), parsed.GetValue(_silo), parsed.GetValue(_token)];
        if (given is [{ } gateway, { } silo, { } token]) return new ReplayPlatform(Address(_gateway, gateway), Address(_silo, silo), token);
        if (given.Any(value => value is not null)) throw OptionText.Usage("--gateway, --silo and --token belong together: without them it is the platform of --data");
        return ReplayPlatform.Find(common.FindData(parsed), common.DataPath(parsed));
    }

    private static Uri Address(Option option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + '/')
            : throw OptionText.Usage($"{option.Name} {text}: an address such as http://10.0.0.5:8888");

    private static async Task<RunFacts> ShowAsync(Trace trace, Func<Action<int, TimeSpan>, Task<RunFacts>> play)
    {
        string Line(int ended, TimeSpan now) => string.Create(
            CultureInfo.InvariantCulture, $"{ended} of {trace.Cells.Length} cells, {now.TotalSeconds:0} of {trace.Length.TotalSeconds:0} s");
        if (Console.IsErrorRedirected)
        {
            var next = s_lineEvery;
            return await play((ended, now) =>
            {
                if (now < next) return;
                next = now + s_lineEvery;
                Console.Error.WriteLine(Line(ended, now));
            });
        }

        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var columns = new ProgressColumn[] { new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left } };
        return await screen.Progress().AutoClear(true).Columns(columns).StartAsync(async progress =>
        {
            var bar = progress.AddTask("kernels start", maxValue: trace.Length.TotalSeconds);
            return await play((ended, now) => (bar.Value, bar.Description) = (now.TotalSeconds, Line(ended, now)));
        });
    }

    private static void Show(RegimeResult result, bool asJson, ResultFolder? folder)
    {
        if (asJson)
        {
            using var json = Console.OpenStandardOutput();
            ResultJson.Write([result], json);
            return;
        }

        AnsiConsole.Write(ComparisonTable.Of([result], AnsiConsole.Profile.Width));
        Console.Out.WriteLine($"results are in {folder!.Shown}; {ResultFolder.Page} shows them in a browser");
    }

    private static int Write(Trace trace, string file)
    {
        try
        {
            using var text = new StreamWriter(Path.GetFullPath(file));
            TraceWriter.Write(trace, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OptionText.Usage($"--write-trace {file}: {e.Message}");
        }

        Console.Out.WriteLine(FormattableString.Invariant($"{file}: {trace.Cells.Length} cells of {trace.Sessions.Length} sessions in {trace.Length.TotalSeconds:0.#} s"));
        return ExitCodes.Ok;
    }
}
