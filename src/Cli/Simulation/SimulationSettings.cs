using System.Collections.Immutable;
using Notebook.Grains.Cluster;
using Notebook.Grains.Policies.Catalog;
using Notebook.Hosting;
using Notebook.Simulator.Comparison;
using Notebook.Simulator.Results;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Simulation;

/// <summary>What <c>notebook simulate</c> was asked for; what is null is as <see cref="RunOptions"/> has it.</summary>
internal sealed record SimulationSettings
{
    /// <summary>Which trace.</summary>
    public required TraceChoice Trace { get; init; }

    /// <summary>The regimes, in the order in which they are shown; at least one.</summary>
    public required ImmutableArray<string> Regimes { get; init; }

    /// <summary>Policies in place of the regimes', each <c>KIND=NAME</c>.</summary>
    public ImmutableArray<string> Policies { get; init; } = [];

    /// <summary>The folder with policy plug-ins; null for none.</summary>
    public string? PolicyFolder { get; init; }

    /// <summary>What all chance comes from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Servers at least.</summary>
    public int? MinServers { get; init; }

    /// <summary>Servers at most.</summary>
    public int? MaxServers { get; init; }

    /// <summary>Servers that some scaling policies keep beyond the minimum.</summary>
    public int? Buffer { get; init; }

    /// <summary>GPUs of a server.</summary>
    public int? GpusPerServer { get; init; }

    /// <summary>Seconds until a server is there: mean and standard deviation.</summary>
    public (double, double)? ProvisionTime { get; init; }

    /// <summary>Seconds until a server is gone.</summary>
    public (double, double)? RemovalTime { get; init; }

    /// <summary>Replicas of a kernel.</summary>
    public int? Replicas { get; init; }

    /// <summary>How far resources may be promised more than once.</summary>
    public SubscriptionLimits? Limits { get; init; }

    /// <summary>The median of a kernel's variables in bytes.</summary>
    public double? StateBytes { get; init; }

    /// <summary>The median of what a kernel has on each GPU, in bytes.</summary>
    public double? GpuStateBytes { get; init; }

    /// <summary>Processes that a server keeps warm.</summary>
    public int? Pool { get; init; }

    /// <summary>What goes wrong.</summary>
    public FaultModel Faults { get; init; } = new();

    /// <summary>Whether a cell waits for its session's last one.</summary>
    public bool ClosedLoop { get; init; }

    /// <summary>Prices of GPU time.</summary>
    public PriceModel Prices { get; init; } = new();

    /// <summary>Where the grains' log goes, of a single run; null for nowhere.</summary>
    public string? LogFile { get; init; }

    /// <summary>The trace to play, read and cut.</summary>
    /// <exception cref="UserException">It cannot be.</exception>
    public Trace LoadTrace() => Trace.Load(new TraceRules(AllowOverlap: ClosedLoop), Seed);

    /// <summary>The runs on a trace, each checked: what is returned can begin.</summary>
    /// <param name="trace">What is played.</param>
    /// <param name="log">Where the grains' log goes; null for nowhere.</param>
    /// <exception cref="UserException">Something can never work.</exception>
    public ImmutableArray<PlannedRun> Runs(Trace trace, TextWriter? log)
    {
        var repeated = Regimes.GroupBy(name => name).FirstOrDefault(name => name.Count() > 1);
        if (repeated is not null) throw OptionText.Usage($"--regime: {repeated.Key} is named {repeated.Count()} times, and once is enough");
        return [.. Regimes.Select(regime => new PlannedRun(Checked(Of(trace, regime, log))))];
    }

    private RunOptions Of(Trace trace, string regime, TextWriter? log)
    {
        var run = new RunOptions { Trace = trace };
        return run with
        {
            Regime = regime,
            Policies = Policies,
            Catalog = PolicyCatalog.Open(PolicyFolder),   // each run has plug-ins of its own, since they may remember things
            Seed = Seed,
            MinServers = MinServers ?? run.MinServers,
            MaxServers = MaxServers ?? run.MaxServers,
            Buffer = Buffer ?? run.Buffer,
            Replicas = Replicas,
            Limits = Limits ?? run.Limits,
            ProvisionTime = ProvisionTime ?? run.ProvisionTime,
            RemovalTime = RemovalTime ?? run.RemovalTime,
            ClosedLoop = ClosedLoop,
            Faults = Faults,
            Log = log,
            Model = run.Model with
            {
                GpusPerServer = GpusPerServer ?? run.Model.GpusPerServer,
                Pool = Pool ?? run.Model.Pool,
                StateBytes = run.Model.StateBytes with { Median = StateBytes ?? run.Model.StateBytes.Median },
                GpuStateBytes = run.Model.GpuStateBytes with { Median = GpuStateBytes ?? run.Model.GpuStateBytes.Median },
            },
        };
    }

    private static RunOptions Checked(RunOptions run)
    {
        var replicas = run.Replicas ?? Plan(run).Regime.ReplicasPerKernel;
        if (run.MinServers > run.MaxServers) throw OptionText.Usage($"--min-servers {run.MinServers}: more than --max-servers {run.MaxServers}");
        if (replicas > run.MaxServers)
            throw OptionText.Usage($"--max-servers {run.MaxServers}: a kernel of {run.Regime} has {replicas} replicas, each on another server: give at least as many, or fewer --replicas");
        if (run.Trace.Sessions.FirstOrDefault(session => session.Gpus > run.Model.GpusPerServer) is { } large)
            throw OptionText.Usage($"session {large.Session} of {run.Trace.Name} asks for {large.Gpus} GPUs, and a server has {run.Model.GpusPerServer}: give --gpus-per-server {run.Trace.MaxGpus} or more");
        return run;
    }

    private static PolicyPlan Plan(RunOptions run)
    {
        try
        {
            return run.Catalog.Plan(run.Policies, run.Regime);
        }
        catch (PolicyException e)
        {
            throw OptionText.Usage(e.Message);
        }
    }
}
