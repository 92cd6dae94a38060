using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Comparison;
using Spectre.Console;

namespace Notebook.Cli.Simulation;

/// <summary>Makes runs and shows on standard error how far they are: bars on a terminal, else a line now and then.</summary>
internal sealed class RunProgress(TimeProvider time)
{
    private static readonly TimeSpan s_lineEvery = TimeSpan.FromSeconds(10);

    /// <summary>Makes the runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="atOnce">How many at once.</param>
    /// <param name="cancel">Ends them early.</param>
    /// <returns>As <see cref="RunSet.Make"/> does.</returns>
    public ImmutableArray<MadeRun?> Make(ImmutableArray<PlannedRun> runs, int atOnce, CancellationToken cancel) =>
        Console.IsErrorRedirected ? WithLines(runs, atOnce, cancel) : WithBars(runs, atOnce, cancel);

    private ImmutableArray<MadeRun?> WithBars(ImmutableArray<PlannedRun> runs, int atOnce, CancellationToken cancel)
    {
        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var columns = new ProgressColumn[] { new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left } };
        return screen.Progress().AutoClear(true).HideCompleted(true).Columns(columns).Start(progress =>
        {
            var bars = new (ProgressTask Bar, long Begun)?[runs.Length];
            return RunSet.Make(
                runs, atOnce,
                (i, simulated) =>
                {
                    var (bar, begun) = bars[i] ??= (progress.AddTask(Markup.Escape(runs[i].Name), maxValue: 1), time.GetTimestamp());
                    var pace = new RunPace(simulated, runs[i].Options.Trace.Length, time.GetElapsedTime(begun));
                    (bar.Value, bar.Description) = (pace.Share, Markup.Escape($"{Name(runs, i)}: {pace.Text}"));
                },
                cancel);
        });
    }

    private ImmutableArray<MadeRun?> WithLines(ImmutableArray<PlannedRun> runs, int atOnce, CancellationToken cancel)
    {
        var shown = new (long Begun, long Last)?[runs.Length];
        return RunSet.Make(
            runs, atOnce,
            (i, simulated) =>
            {
                var now = time.GetTimestamp();
                var (begun, last) = shown[i] ??= (now, now);
                if (time.GetElapsedTime(last, now) < s_lineEvery) return;
                shown[i] = (begun, now);
                Console.Error.WriteLine($"{Name(runs, i)}: {new RunPace(simulated, runs[i].Options.Trace.Length, time.GetElapsedTime(begun, now)).Text}");
            },
            cancel);
    }

    private static string Name(ImmutableArray<PlannedRun> runs, int run) =>
        runs.Length == 1 ? runs[run].Name : string.Create(CultureInfo.InvariantCulture, $"{runs[run].Name} ({run + 1} of {runs.Length})");
}
