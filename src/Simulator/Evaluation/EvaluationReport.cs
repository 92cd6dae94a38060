using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Evaluation;

/// <summary>
/// Writes what an evaluation found as a page in Markdown with pictures beside it. It has no time of day and no path: the same
/// results give the same bytes.
/// </summary>
/// <param name="plan">What was to be run.</param>
/// <param name="results">What came out of each run of it; null for one that was not made.</param>
public sealed class EvaluationReport(EvaluationPlan plan, ImmutableArray<RegimeResult?> results)
{
    /// <summary>The folder of the pictures, beside the page.</summary>
    public const string Folder = "evaluation";

    private const double PaperSavedGpuHours = 1_187;
    private const double ShareToReach = 0.8;
    private const double MedianToReach = 0.2;
    private const double TailToReach = 5;

    private readonly StringBuilder _page = new();
    private readonly SortedDictionary<string, string> _pictures = new(StringComparer.Ordinal);

    /// <summary>Writes the page.</summary>
    /// <returns>Its text, and the pictures by their file names in <see cref="Folder"/>.</returns>
    public (string Page, ImmutableSortedDictionary<string, string> Pictures) Write()
    {
        _page.Clear();
        _pictures.Clear();
        AddHead();
        AddGoals();
        AddPeriods();
        AddPaper();
        AddBound();
        AddSweep(plan.Ablation, "##");
        _page.Append($"## One setting at a time\n\nAll on {plan.Main.Name}, with the regime `notebookos`.\n\n");
        foreach (var sweep in plan.Sweeps) AddSweep(sweep, "###");
        AddModel();
        return (_page.ToString(), _pictures.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    private RegimeResult? Ours => Of(plan.Main.Regimes[^1]);

    private RegimeResult? Of(int run) => results[run];

    private ImmutableArray<RegimeResult> RegimesOf(EvaluationPeriod period) => [.. period.Regimes.Select(Of).OfType<RegimeResult>()];

    private void AddHead()
    {
        _page.Append("# The evaluation\n\n");
        if (plan.IsQuick) _page.Append("**This is the quick version: an hour of each window, and not the whole trace. It shows that all works; its figures mean little.**\n\n");
        if (results.Any(result => result is null or { Facts.IsPartial: true }))
            _page.Append("**Partial: the evaluation was interrupted. Runs that were not made are missing below, and those that were cut off are marked.**\n\n");
        _page.Append(CultureInfo.InvariantCulture, $"""
            The production grains, rules and policies of this repository, played through the trace `{plan.Name}` in virtual time on simulated
            servers. `./notebook evaluate --trace FILE` wrote this page and its pictures; the same trace gives the same bytes, and nothing in it was
            changed by hand. What the words mean is in [the simulator's guide](simulator.md#results), and so is where the trace is to be had.


            """);
    }

    private void AddGoals()
    {
        if (Ours is not { } ours) return;
        _page.Append($"## What was to be reached\n\nOn {plan.Main.Name}, with 8-GPU servers and all that is under [what was assumed](#what-was-assumed).\n\n");
        var table = new MarkdownTable("goal", "to reach", "reached", "");
        Row("GPU-hours saved, of what an oracle would save, counting all that is paid for", "80 % or more", Figures.Percent(ours.SavedShare), ours.SavedShare >= ShareToReach);
        Row("interactivity delay, p50", "0.2 s or less", $"{Seconds(ours, 50)} s", ours.InteractivityDelay.Percentile(50) <= MedianToReach);
        Row("interactivity delay, p95", "5 s or less", $"{Seconds(ours, 95)} s", ours.InteractivityDelay.Percentile(95) <= TailToReach);
        if (Of(plan.Main.Reference) is { } reference)
        {
            Row("more saved than with the reference's constants", Figures.Percent(reference.SavedShare), Figures.Percent(ours.SavedShare), ours.SavedShare > reference.SavedShare);
            Row(
                "a shorter delay than with the reference's constants, p95", $"{Seconds(reference, 95)} s", $"{Seconds(ours, 95)} s",
                ours.InteractivityDelay.Percentile(95) < reference.InteractivityDelay.Percentile(95));
        }

        _page.Append(table);

        void Row(string goal, string toReach, string reached, bool isReached) => table.Add(goal, toReach, reached, isReached ? "yes" : "**no**");
    }

    private void AddPeriods()
    {
        _page.Append("## The regimes\n\nEach regime runs on the same grains and model; what differs is in `./notebook policies`. The bars of the pictures end at what is paid for, the dashed mark is what *reservation* would hold.\n\n");
        foreach (var period in plan.Periods)
        {
            var regimes = RegimesOf(period);
            if (regimes.IsEmpty) continue;
            var name = period.Trace.Window is null ? "month" : FormattableString.Invariant($"hour-{period.Trace.Window.Value.Start.TotalHours:0.##}");
            _page.Append(CultureInfo.InvariantCulture, $"### {Capital(period.Name)}\n\n{Figures.Count(period.Trace.Cells.Length)} cells of {Figures.Count(period.Trace.Sessions.Length)} sessions.\n\n");
            AddPicture($"hours-{name}.svg", "GPU-hours of each regime", EvaluationFigures.Hours(regimes));
            var table = new MarkdownTable("regime", "busy", "leased", "provisioned", "saved", "of the oracle's", "delay p50, s", "p95, s", "p99, s", "completion p50, s", "p95, s", "GPUs at once", "same executor", "migrations", "margin");
            foreach (var result in regimes.Append(Of(period.Reference)).OfType<RegimeResult>()) AddRow(table, result);
            _page.Append(table);
            if (period == plan.Main && Ours is { } ours)
            {
                AddPicture($"delay-{name}.svg", "The share of cells that waited at most so long", EvaluationFigures.Delay(regimes));
                AddPicture($"gpus-{name}.svg", "GPUs of notebookos over time", EvaluationFigures.Gpus(ours));
            }
        }
    }

    private static void AddRow(MarkdownTable table, RegimeResult result) => table.Add(
        $"{result.Facts.Name}{Partial(result)}",
        Figures.Hours(result.BusyGpuHours), Figures.Hours(result.LeasedGpuHours), Figures.Hours(result.ProvisionedGpuHours), Figures.Hours(result.SavedGpuHours),
        Figures.Percent(result.SavedShare), Seconds(result, 50), Seconds(result, 95), Seconds(result, 99),
        Figures.Seconds(result.TaskCompletion.Percentile(50)), Figures.Seconds(result.TaskCompletion.Percentile(95)),
        Figures.Percent(result.ShareImmediate), Figures.Percent(result.ShareSameExecutor), Migrations(result), Figures.Percent(result.Billing.Margin));

    private void AddPaper()
    {
        _page.Append("## Beside the paper\n\nThe NotebookOS paper ([arXiv 2503.20591](https://arxiv.org/abs/2503.20591)) states that in 17.5 hours of this trace it saves 1,187 GPU-hours against reservation, while its interactivity stays near reservation's. Ours, in windows of that length:\n\n");
        var table = new MarkdownTable(
            "window", "saved against what reservation would hold", "of the paper's 1,187", "saved against the regime `reservation`", "delay p50, s", "reservation's p50, s", "delay p95, s", "reservation's p95, s");
        foreach (var period in plan.Periods.Where(period => period.Trace.Window is not null))
        {
            if (Of(period.Regimes[0]) is not { } reservation || Of(period.Regimes[^1]) is not { } ours) continue;
            table.Add(
                $"{period.Name}{Partial(ours)}",
                Figures.Hours(ours.SavedGpuHours), Figures.Percent(ours.SavedGpuHours / PaperSavedGpuHours),
                Figures.Hours(reservation.ProvisionedGpuHours - ours.ProvisionedGpuHours),
                Seconds(ours, 50), Seconds(reservation, 50), Seconds(ours, 95), Seconds(reservation, 95));
        }

        _page.Append(table).Append("""
            Where these differ from the paper's, and why:

            - **The hours.** How much can be saved is a property of the hours that are taken: sessions that are open and idle. We took three
              windows over the month without looking for good ones; which hours the paper replayed is not part of the trace.
            - **What is counted as saved.** Here, GPU-hours of whole servers that are paid for, from the order to start one until it is gone,
              the time of starting and the GPUs to spare among them. In the first column reservation is the trace's own count, each session's GPUs and
              not one more; in the third it is a regime that needs whole servers as ours does, and pays for its own starts.
            - **The tail.** Reservation gives GPUs before a cell comes, so that a cell waits for a message or two. Ours gives them when it comes: a cell whose
              kernel's servers are full waits for a move of a replica or, when the cluster is full, for a server. The median is of the same kind as reservation's
              (milliseconds), p95 and p99 are not: that is the price of what is saved, and scaling and spare GPUs trade one for the other (below).
            - **The servers.** They are simulated here: processes, copies of state, GPUs' loading and the network take the times under
              [what was assumed](#what-was-assumed), measured on the platform itself where it measures them. Users' code is the trace's duration.


            """);
    }

    private void AddBound()
    {
        if (Ours is not { } ours) return;
        var gpus = ours.Facts.Parameters.FirstOrDefault(parameter => parameter.Name == "gpus_per_server").Value is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 8;
        var whole = PackingBound.GpuHours(plan.Main.Trace, gpus);
        var reserved = ours.ReservedGpuHours;
        _page.Append($"## What the bound is made of\n\nAn oracle pays for busy GPUs alone, and only while they are. What keeps {plan.Main.Name} from it, in GPU-hours:\n\n");
        var table = new MarkdownTable("", "GPU-hours", "of what the oracle saves");
        Row("the oracle saves", ours.OracleSavedGpuHours);
        Row($"less what whole servers of {gpus} GPUs take at least: the fewest that have the busy GPUs, if cells could move while they run", ours.BusyGpuHours - whole);
        Row("less GPUs that are leased and not busy: a cell's state comes to its GPUs and goes, its reply waits for the replicas", ours.BusyGpuHours - ours.LeasedGpuHours);
        Row("less all else: servers that start and go, GPUs to spare, cells that lie scattered over servers", whole - ours.BusyGpuHours + ours.LeasedGpuHours - ours.ProvisionedGpuHours);
        Row("notebookos saves", ours.SavedGpuHours);
        _page.Append(table);

        void Row(string name, double hours) => table.Add(name, Figures.Hours(hours), Figures.Percent(hours / (reserved - ours.BusyGpuHours)));
    }

    private void AddSweep(EvaluationSweep sweep, string level)
    {
        _page.Append($"{level} {sweep.Title}\n\n{sweep.About}\n\n");
        var table = new MarkdownTable("", "provisioned", "saved", "of the oracle's", "delay p50, s", "p95, s", "p99, s", "GPUs at once", "migrations", "scale-outs", "warm starts", "margin");
        foreach (var (label, run) in sweep.Points)
        {
            if (Of(run) is not { } result) continue;
            var (warm, cold) = (Counter(result, "prewarm_hits"), Counter(result, "prewarm_misses"));
            table.Add(
                $"{label}{Partial(result)}",
                Figures.Hours(result.ProvisionedGpuHours), Figures.Hours(result.SavedGpuHours), Figures.Percent(result.SavedShare),
                Seconds(result, 50), Seconds(result, 95), Seconds(result, 99), Figures.Percent(result.ShareImmediate), Migrations(result),
                Figures.Count(Counter(result, "scale_outs")), Figures.Percent(warm + cold == 0 ? null : (double)warm / (warm + cold)), Figures.Percent(result.Billing.Margin));
        }

        _page.Append(table);
    }

    private void AddModel()
    {
        if (Ours is not { } ours) return;
        _page.Append($"## What was assumed\n\n{Figures.Prices(ours.Prices)} Seed {ours.Facts.Seed.ToString(CultureInfo.InvariantCulture)}. Times and sizes with a sigma are log-normal, with the median before it. What is said here is of `notebookos` on {plan.Main.Name}.\n\n");
        AddSettings("policy", ours.Facts.Policies);
        AddSettings("parameter", ours.Facts.Parameters);
        _page.Length--;   // a file ends with one line feed
    }

    private void AddSettings(string what, ImmutableArray<RunParameter> settings)
    {
        var table = new MarkdownTable(what, "");
        foreach (var (name, value) in settings) table.Add($"`{name}`", value);
        _page.Append(table);
    }

    private void AddPicture(string name, string what, string svg)
    {
        _pictures[name] = svg;
        _page.Append($"![{what}]({Folder}/{name})\n\n");
    }

    private static string Seconds(RegimeResult result, double percent) => Figures.Seconds(result.InteractivityDelay.Percentile(percent));

    private static string Migrations(RegimeResult result) => Figures.Count(Counter(result, "migrations"));

    private static long Counter(RegimeResult result, string name) => result.Facts.Counters.FirstOrDefault(counter => counter.Name == name).Count;

    private static string Partial(RegimeResult result) => result.Facts.IsPartial ? " (partial)" : "";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
