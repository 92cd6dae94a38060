using System.Collections.Immutable;
using Notebook.Simulator.Model;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Runs;

/// <summary>
/// Runs of a few hours in which a little of everything goes wrong all the time, drawn from a seed: crashes of silo, servers and
/// processes, connections that break, storage that fails, calls between grains that are lost, late, or come twice. Whatever
/// happens, each cell ends once and nothing is left over.
/// </summary>
public static class FaultCampaign
{
    private static readonly string[] s_regimes = ["notebookos", "notebookos", "notebookos", "reservation", "batch", "gandiva"];

    /// <summary>What a seed stands for.</summary>
    public static RunOptions Options(int seed)
    {
        var random = new Random(seed);
        return new RunOptions
        {
            Trace = TraceGenerator.Make(new TraceSize(Sessions: random.Next(6, 14), TimeSpan.FromHours(2), Cells: random.Next(40, 160)), seed),
            Regime = s_regimes[random.Next(s_regimes.Length)],
            Seed = seed,
            Model = new ServerModel { StateBytes = new LogNormal(random.Next(3) switch { 0 => 1e6, 1 => 512e6, _ => 8e9 }, 1) },
            MinServers = random.Next(1, 4),
            MaxServers = random.Next(6, 20),
            ClosedLoop = random.Next(3) == 0,
            Faults = Some(random),
        };
    }

    /// <summary>Plays a seed.</summary>
    /// <param name="seed">Which.</param>
    /// <param name="log">Where the grains' log goes; null for nowhere.</param>
    /// <returns>What must never be, and was; empty when all is well.</returns>
    public static ImmutableArray<string> Play(int seed, TextWriter? log = null)
    {
        var options = Options(seed) with { Log = log };
        try
        {
            var facts = SimulationRun.Execute(options);
            return [.. facts.Violations, .. Conservation.Violations(options.Trace, facts, faultsInjected: true)];
        }
        catch (InvalidOperationException e)
        {
            return [e.Message];
        }
    }

    /// <summary>All kinds of faults, or a few, from hardly ever to all the time.</summary>
    private static FaultModel Some(Random random)
    {
        var all = FaultModel.Everything;
        return new FaultModel
        {
            SiloCrashes = all.SiloCrashes * Weight(),
            ServerCrashes = all.ServerCrashes * Weight(),
            ProcessCrashes = all.ProcessCrashes * Weight(),
            LinkBreaks = all.LinkBreaks * Weight(),
            StorageFailures = all.StorageFailures * Weight(),
            LostCalls = all.LostCalls * Weight(),
            RepeatedCalls = all.RepeatedCalls * Weight(),
            LateCalls = all.LateCalls * Weight(),
        };

        double Weight() => random.Next(3) switch { 0 => 0, 1 => 1, _ => 4 };
    }
}
