using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Notebook.Cli.Commands;
using Notebook.Hosting;
using Notebook.Simulator.Comparison;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;
using Spectre.Console;

namespace Notebook.Cli.Simulation;

/// <summary><c>notebook simulate</c>: a trace through the production grains and policies, in virtual time.</summary>
internal sealed class SimulateCommand(TimeProvider time)
{
    private readonly Option<string?> _out = new("--out") { Description = "Folder for the results (default: simulations/, and in it one of the trace's and the regimes' names; with --json none).", HelpName = "DIR" };
    private readonly Option<bool> _force = new("--force") { Description = "Write into the folder whatever else is in it." };
    private readonly Option<bool> _json = new("--json") { Description = "Print result.json, for programs, and nothing else." };
    private readonly Option<string?> _atOnce = new("--at-once") { Description = "Runs at once, each on one processor; it changes no result (default: 2).", HelpName = "N" };
    private readonly Option<string?> _writeTrace = new("--write-trace") { Description = "Write the trace, as it would be played, to a file; nothing is run.", HelpName = "FILE" };
    private SimulateOptions _options = null!;   // with the command that they are options of

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("simulate", "Play a trace of notebook sessions through grains and policies, in virtual time.");
        _options = new SimulateOptions(command);
        foreach (var option in (Option[])[_out, _force, _json, _atOnce, _writeTrace]) command.Add(option);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var settings = _options.Read(parsed);
        var atOnce = OptionText.Whole(_atOnce.Name, parsed.GetValue(_atOnce), 1, 64) ?? 2;
        var trace = settings.LoadTrace();
        if (parsed.GetValue(_writeTrace) is { } file) return Write(trace, file);

        using var log = settings.LogFile is { } logFile ? Open("--log", logFile) : null;
        var runs = settings.Runs(trace, log);
        var (asJson, path) = (parsed.GetValue(_json), parsed.GetValue(_out));
        var folder = asJson && path is null ? null : ResultFolder.Open(path ?? ResultFolder.Default(trace, settings.Regimes), parsed.GetValue(_force));
        using var signals = new StopSignals();
        var made = new RunProgress(time).Make(runs, atOnce, signals.Token);
        ImmutableArray<RegimeResult> results = [.. made.OfType<MadeRun>().Select(run => RegimeResult.Of(run.Facts, settings.Prices))];
        if (results.IsEmpty)
        {
            folder?.Abandon();
            throw new UserException("interrupted before a run had come to its trace's beginning: there are no results");
        }

        folder?.Write(results);
        Show(results, asJson, folder);
        RunVerdict.Throw(runs, made);
        return ExitCodes.Ok;
    }

    private static void Show(ImmutableArray<RegimeResult> results, bool asJson, ResultFolder? folder)
    {
        if (asJson)
        {
            using var json = Console.OpenStandardOutput();
            ResultJson.Write(results, json);
            return;
        }

        AnsiConsole.Write(ComparisonTable.Of(results, AnsiConsole.Profile.Width));
        Console.Out.WriteLine($"results are in {folder!.Shown}; {ResultFolder.Page} shows them in a browser");
    }

    private static int Write(Trace trace, string file)
    {
        using (var text = Open("--write-trace", file)) TraceWriter.Write(trace, text);
        Console.Out.WriteLine(FormattableString.Invariant($"{file}: {trace.Cells.Length} cells of {trace.Sessions.Length} sessions in {trace.Length.TotalHours:0.##} hours"));
        return ExitCodes.Ok;
    }

    private static StreamWriter Open(string option, string file)
    {
        try
        {
            return new StreamWriter(Path.GetFullPath(file), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OptionText.Usage($"{option} {file}: {e.Message}");
        }
    }
}
