using System.Collections.Immutable;
using Notebook.Hosting;
using Notebook.Simulator.Comparison;

namespace Notebook.Cli.Simulation;

/// <summary>Whether runs that were made are good: whole, and without a broken law.</summary>
internal static class RunVerdict
{
    private const int NamesMax = 5;

    /// <summary>Says in one line what is not, behind the results; the broken laws before it on lines of their own.</summary>
    /// <exception cref="UserException">Something is not.</exception>
    public static void Throw(ImmutableArray<PlannedRun> planned, ImmutableArray<MadeRun?> made)
    {
        var broken = made.OfType<MadeRun>().Where(run => !run.Violations.IsEmpty).ToList();
        foreach (var run in broken)
            foreach (var violation in run.Violations) Console.Error.WriteLine($"{run.Facts.Name}: {violation}");
        if (Line(planned, made) is { } line) throw new UserException(line);
    }

    /// <summary>What is wrong; null when nothing is.</summary>
    internal static string? Line(ImmutableArray<PlannedRun> planned, ImmutableArray<MadeRun?> made)
    {
        var broken = made.OfType<MadeRun>().Where(run => !run.Violations.IsEmpty).ToList();
        if (broken is [var first, ..])
        {
            return $"{broken.Sum(run => run.Violations.Length)} laws that every run must keep were broken in {string.Join(", ", broken.Select(run => run.Facts.Name))}, "
                + $"such as: {first.Violations[0]}. The results are not to be trusted: it is a fault of the platform, please report it with this command line";
        }

        var partial = made.OfType<MadeRun>().Where(run => run.Facts.IsPartial).Select(run => run.Facts.Name).ToList();
        var missing = planned.Zip(made).Where(run => run.Second is null).Select(run => run.First.Name).ToList();
        if (partial.Count + missing.Count == 0) return null;
        return $"interrupted: {Names(partial, "partial")}{(partial.Count > 0 && missing.Count > 0 ? "; " : "")}{Names(missing, "not run")}";
    }

    private static string Names(List<string> runs, string what)
    {
        if (runs.Count == 0) return "";
        var others = runs.Count > NamesMax ? $" and {runs.Count - NamesMax} others" : "";
        return $"{string.Join(", ", runs.Take(NamesMax))}{others} {(runs.Count == 1 ? "is" : "are")} {what}";
    }
}
