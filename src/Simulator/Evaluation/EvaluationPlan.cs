using System.Collections.Immutable;
using System.Globalization;
using Notebook.Grains.Policies;
using Notebook.Grains.Regimes;
using Notebook.Simulator.Comparison;
using Notebook.Simulator.Model;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Evaluation;

/// <summary>A part of the trace on which the regimes are compared.</summary>
/// <param name="Name">What it is called, such as <c>350h+17.5h</c>.</param>
/// <param name="Trace">Its cells.</param>
/// <param name="Regimes">Where the regimes' runs are in <see cref="EvaluationPlan.Runs"/>, in the order in which they are shown; ours last.</param>
/// <param name="Reference">Where the run of our regime with the reference's constants is.</param>
public sealed record EvaluationPeriod(string Name, Trace Trace, ImmutableArray<int> Regimes, int Reference);

/// <summary>Runs of our regime that differ in one setting.</summary>
/// <param name="Title">The setting.</param>
/// <param name="About">What it is, and what to look at, in a sentence or two.</param>
/// <param name="Points">The settings, and where their runs are in <see cref="EvaluationPlan.Runs"/>.</param>
public sealed record EvaluationSweep(string Title, string About, ImmutableArray<(string Label, int Run)> Points);

/// <summary>
/// What is run to evaluate the platform on a trace: all regimes on parts of it and on the whole; what each change against the
/// reference's constants brings; and our regime with one setting changed at a time.
/// </summary>
public sealed class EvaluationPlan
{
    private const int Minutes = PeakScaling.DefaultMinutes;
    private static readonly int s_spare = PeakScaling.SpareBeside(new ServerModel().GpusPerServer);

    private static readonly string[] s_regimes = ["reservation", "batch", "lcp", "gandiva", "notebookos"];
    private static readonly double[] s_starts = [0, 350, 560];
    private static readonly TimeSpan s_length = TimeSpan.FromHours(17.5);
    private static readonly TimeSpan s_quick = TimeSpan.FromHours(1);

    private readonly ImmutableArray<PlannedRun>.Builder _runs = ImmutableArray.CreateBuilder<PlannedRun>();
    private readonly int _seed;

    /// <summary>Makes the plan.</summary>
    /// <param name="trace">The whole trace. Windows without a cell are left out.</param>
    /// <param name="seed">What all chance comes from.</param>
    /// <param name="isQuick">Whether to take an hour of each window, and not the whole: to see that all works.</param>
    public EvaluationPlan(Trace trace, int seed, bool isQuick)
    {
        (_seed, IsQuick, Name) = (seed, isQuick, trace.Name);
        var length = isQuick ? s_quick : s_length;
        var parts = s_starts
            .Select(start => new TraceWindow(TimeSpan.FromHours(start), length))
            .Select(window => window.TryCut(trace, out var part) ? part : null)
            .OfType<Trace>()
            .Select(part => (Name: $"{part.Window}", Trace: part));
        var windows = parts.Select(part => Period(part.Name, part.Trace)).ToList();
        var whole = isQuick && windows.Count > 0 ? null : new Lazy<EvaluationPeriod>(() => Period("the whole trace", trace));
        Main = windows.Find(period => period.Trace.Window!.Value.Start == TimeSpan.FromHours(350)) ?? windows.FirstOrDefault() ?? whole!.Value;
        Ablation = MakeAblation();
        Sweeps = [.. MakeSweeps()];
        // The whole takes longest, and comes last: who ends the evaluation early has all the rest.
        Periods = whole is null ? [.. windows] : [.. windows, whole.Value];
        Runs = _runs.ToImmutable();
    }

    /// <summary>The trace's name.</summary>
    public string Name { get; }

    /// <summary>Whether it is a small version, whose figures mean little.</summary>
    public bool IsQuick { get; }

    /// <summary>All runs, in the order in which they are best begun.</summary>
    public ImmutableArray<PlannedRun> Runs { get; }

    /// <summary>The parts of the trace; the whole is the last.</summary>
    public ImmutableArray<EvaluationPeriod> Periods { get; }

    /// <summary>The part on which settings are tried: that at hour 350, else the first.</summary>
    public EvaluationPeriod Main { get; }

    /// <summary>From the reference's constants to ours.</summary>
    public EvaluationSweep Ablation { get; }

    /// <summary>One setting changed at a time.</summary>
    public ImmutableArray<EvaluationSweep> Sweeps { get; }

    private int Ours => Main.Regimes[^1];

    private EvaluationPeriod Period(string name, Trace trace) => new(
        name,
        trace,
        [.. s_regimes.Select(regime => Add(new PlannedRun(new RunOptions { Trace = trace, Seed = _seed, Regime = regime })))],
        Add(new PlannedRun(new RunOptions { Trace = trace, Seed = _seed, Policies = ["scaling=notebookos"] }, "reference's constants")));

    private EvaluationSweep MakeAblation() => new(
        "What each change brings",
        "From the reference's constants to ours, on the same cells. The reference adds servers up to 1.05 times the GPUs that cells hold, keeps a buffer of 3 servers, and gives servers back above 1.1 times. " + $"Ours takes the highest demand of the last {Minutes} minutes and {s_spare} GPUs to spare.",
        [
            ("reference's constants", Main.Reference),
            Point("without its buffer of 3 servers", run => run with { Policies = ["scaling=notebookos"], Buffer = 0 }),
            Point($"the demand of the last minute, {s_spare} GPUs to spare", run => run with { Policies = [$"scaling=peak-of:1,{s_spare}"] }),
            Point($"the highest of {Minutes} minutes, none to spare", run => run with { Policies = [$"scaling=peak-of:{Minutes},0"] }),
            ($"ours: the highest of {Minutes} minutes, {s_spare} GPUs to spare", Ours),
        ]);

    private IEnumerable<EvaluationSweep> MakeSweeps()
    {
        var ours = new RunOptions { Trace = Main.Trace };
        yield return Sweep("Replicas of a kernel", "More replicas find GPUs at one of their servers more often, and cost processes and copies of the state. With one, nothing survives its server.",
            [1, 2, 3, 5], KnownRegimes.NotebookOs.ReplicasPerKernel, replicas => $"{replicas}", (run, replicas) => run with { Replicas = replicas });
        yield return Sweep("Scaling", "`peak-of:MINUTES,GPUS` pays for the highest demand of the last minutes and some GPUs to spare.",
            [(4, 7), (8, 2), (8, 12), (12, 2), (20, 2), (30, 16)], (Minutes, s_spare), peak => $"peak-of:{peak.Item1},{peak.Item2}", (run, peak) => run with { Policies = [$"scaling=peak-of:{peak.Item1},{peak.Item2}"] });
        yield return Sweep("Subscription limit", "How many times GPUs may be promised, for each replica of a kernel.",
            [1, 2, 4, 7, 14], ours.Limits.Gpus, limit => Text(limit, ""), (run, limit) => run with { Limits = run.Limits with { Gpus = limit } });
        yield return Sweep("Kernel processes kept warm", "What a server has ready for replicas that come to it.",
            ["fixed:0", "fixed:2", "minimum:2", "littles-law"], "agent", prewarm => prewarm, (run, prewarm) => run with { Policies = [$"prewarm={prewarm}"] });
        yield return Sweep("Time until a server is there", "From the order to the moment when it can be used; it is paid for meanwhile.",
            [5, 15, 60, 180], ours.ProvisionTime.Mean, mean => Text(mean, " s"), (run, mean) => run with { ProvisionTime = (mean, mean * run.ProvisionTime.Deviation / run.ProvisionTime.Mean) });
        yield return Sweep("Size of the state", "Of a kernel's variables, in memory and on GPUs, against what the model has.",
            [0.1, 1, 10], 1, factor => Text(factor, " times"), WithState);
    }

    // The setting that we have is no run of its own.
    private EvaluationSweep Sweep<T>(string title, string about, T[] values, T ours, Func<T, string> name, Func<RunOptions, T, RunOptions> with)
        where T : notnull
    {
        IEnumerable<T> all = values.Contains(ours) ? values : values.Prepend(ours);
        return new EvaluationSweep(
            title, about, [.. all.Select(value => value.Equals(ours) ? ($"{name(value)} (ours)", Ours) : Point(name(value), run => with(run, value)))]);
    }

    private static RunOptions WithState(RunOptions run, double factor) => run with
    {
        Model = run.Model with
        {
            StateBytes = run.Model.StateBytes with { Median = run.Model.StateBytes.Median * factor },
            GpuStateBytes = run.Model.GpuStateBytes with { Median = run.Model.GpuStateBytes.Median * factor },
        },
    };

    private (string, int) Point(string label, Func<RunOptions, RunOptions> change) =>
        (label, Add(new PlannedRun(change(new RunOptions { Trace = Main.Trace, Seed = _seed }), label)));

    private int Add(PlannedRun run)
    {
        _runs.Add(run);
        return _runs.Count - 1;
    }

    private static string Text(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}{unit}");
}
