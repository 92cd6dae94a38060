using System.CommandLine;
using System.Text;
using Notebook.Cli.Commands;
using Notebook.Hosting;
using Notebook.Simulator.Evaluation;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Simulation;

/// <summary><c>notebook evaluate</c>: all regimes on a real trace, and the page that says what came out.</summary>
internal sealed class EvaluateCommand(Installation installation, TimeProvider time)
{
    private const string PageName = "evaluation.md";

    private readonly Option<string?> _trace = new("--trace") { Description = "The trace, a CSV file (docs/simulator.md says where the real month is to be had).", HelpName = "FILE" };
    private readonly Option<string?> _out = new("--out") { Description = $"Folder for {PageName} and its pictures (default: docs; with --quick simulations/evaluation).", HelpName = "DIR" };
    private readonly Option<bool> _quick = new("--quick") { Description = "An hour of each window and not the whole trace: to see that all works." };
    private readonly Option<string?> _seed = new("--seed") { Description = "What all chance comes from (default: 1).", HelpName = "N" };
    private readonly Option<string?> _atOnce = new("--at-once") { Description = "Runs at once, each on one processor; it changes no result (default: 2).", HelpName = "N" };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("evaluate", "Compare all regimes on a month of real work, and write docs/evaluation.md.") { _trace, _out, _quick, _seed, _atOnce };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_trace) is not { } file)
            throw OptionText.Usage("say with --trace which trace to evaluate; docs/simulator.md says where the real month is to be had, and samples/traces has two hours of it");
        var seed = OptionText.Whole(_seed.Name, parsed.GetValue(_seed), 0, int.MaxValue) ?? 1;
        var atOnce = OptionText.Whole(_atOnce.Name, parsed.GetValue(_atOnce), 1, 64) ?? 2;
        var trace = new TraceChoice(file, null, null).Load(new TraceRules(), seed);
        if (trace.MaxGpus > GpusPerServer)
            throw OptionText.Usage(FormattableString.Invariant($"--trace {file}: a cell of it asks for {trace.MaxGpus} GPUs, and the evaluation's servers have {GpusPerServer}"));
        var plan = new EvaluationPlan(trace, seed, parsed.GetValue(_quick));
        var folder = parsed.GetValue(_out) ?? (plan.IsQuick ? Path.Combine("simulations", "evaluation") : Path.Combine(installation.Root, "docs"));
        Open(folder);

        using var signals = new StopSignals();
        var made = new RunProgress(time).Make(plan.Runs, atOnce, signals.Token);
        if (made.All(run => run is null)) throw new UserException("interrupted before a run had come to its trace's beginning: nothing was written");
        Write(folder, new EvaluationReport(plan, [.. made.Select(run => run is null ? null : RegimeResult.Of(run.Facts, new PriceModel()))]));
        Console.Out.WriteLine($"{Path.Combine(folder, PageName)} is written, with its pictures in {Path.Combine(folder, EvaluationReport.Folder)}");
        RunVerdict.Throw(plan.Runs, made);
        return ExitCodes.Ok;
    }

    private static int GpusPerServer => new Notebook.Simulator.Model.ServerModel().GpusPerServer;

    private static void Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, EvaluationReport.Folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OptionText.Usage($"--out {folder}: {e.Message}");
        }
    }

    private static void Write(string folder, EvaluationReport report)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var (page, pictures) = report.Write();
        foreach (var (name, svg) in pictures) File.WriteAllText(Path.Combine(folder, EvaluationReport.Folder, name), svg, utf8);
        File.WriteAllText(Path.Combine(folder, PageName), page, utf8);
    }
}
