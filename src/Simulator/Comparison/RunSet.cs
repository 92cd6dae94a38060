using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Notebook.Simulator.Results;
using Notebook.Simulator.Runs;

namespace Notebook.Simulator.Comparison;

/// <summary>A run that is to be made, beside others.</summary>
/// <param name="Options">The run.</param>
/// <param name="Label">What it is called; null for its regime's name.</param>
public sealed record PlannedRun(RunOptions Options, string? Label = null)
{
    /// <summary>What it is called.</summary>
    public string Name => Label ?? Options.Regime;
}

/// <summary>A run that was made.</summary>
/// <param name="Facts">What it recorded; partial when it was interrupted.</param>
/// <param name="Violations">Laws that it broke, a sentence each: of these there must be none.</param>
public sealed record MadeRun(RunFacts Facts, ImmutableArray<string> Violations);

/// <summary>
/// Makes several runs, each on one thread from its beginning to its end. They know nothing of each other, so that how many are made
/// at once changes no result.
/// </summary>
public static class RunSet
{
    /// <summary>Makes the runs, and returns when the last one has ended.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="atOnce">How many at once; at least 1.</param>
    /// <param name="progress">Told a run's place in <paramref name="runs"/> and its simulated time, on the run's thread.</param>
    /// <param name="cancel">Ends runs early, and begins no other.</param>
    /// <returns>In the order of <paramref name="runs"/>; null for one that was not begun, or had not come to its trace's beginning.</returns>
    public static ImmutableArray<MadeRun?> Make(
        ImmutableArray<PlannedRun> runs, int atOnce, Action<int, TimeSpan> progress, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atOnce, 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var made = new MadeRun?[runs.Length];
        var next = -1;
        Exception? fault = null;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(atOnce, runs.Length)).Select(_ => new Thread(Work) { IsBackground = true, Name = "simulation" })];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (fault is not null) ExceptionDispatchInfo.Throw(fault);
        return [.. made];

        void Work()
        {
            try
            {
                while (!stop.IsCancellationRequested && Interlocked.Increment(ref next) is var i && i < runs.Length)
                    made[i] = Make(runs[i], time => progress(i, time), stop.Token);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref fault, e, null);
                stop.Cancel();
            }
        }
    }

    private static MadeRun? Make(PlannedRun run, Action<TimeSpan> progress, CancellationToken cancel)
    {
        var facts = SimulationRun.Execute(run.Options, progress, cancel) with { Label = run.Label };
        if (facts.End <= TimeSpan.Zero) return null;
        return new MadeRun(facts, [.. facts.Violations, .. Conservation.Violations(run.Options.Trace, facts, run.Options.Faults.IsOn)]);
    }
}
