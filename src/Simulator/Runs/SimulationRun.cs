using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notebook.Contracts;
using Notebook.Contracts.Agents;
using Notebook.Contracts.Provisioning;
using Notebook.Embedded.Virtual;
using Notebook.Grains;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Provisioning;
using Notebook.Grains.Scaling;
using Notebook.Simulator.Model;
using Notebook.Simulator.Results;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Simulator.Runs;

/// <summary>
/// One run in virtual time: the production grains with the policies of a regime, on simulated servers, under the cells of a trace.
/// The same options give the same facts, to the last one.
/// </summary>
public sealed class SimulationRun : IClients
{
    /// <summary>After the last session: longer than anything takes that is begun again after a fault.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMinutes(15);

    private readonly PolicyPlan _plan;
    private readonly VirtualStorage _storage;
    private readonly SimulatedCluster _cluster;
    private readonly HashSet<ServerId> _paid = [];
    private readonly ImmutableArray<SessionDriver> _sessions;
    private readonly Dictionary<KernelId, SessionDriver> _byKernel;
    private readonly FaultInjector _faults;
    private int _silos;

    private SimulationRun(RunOptions options)
    {
        Options = options;
        _plan = options.Catalog.Plan(options.Policies, options.Regime);
        World = new VirtualWorld(options.Seed);
        Start = World.Clock.GetUtcNow() + options.Lead + options.Lead;
        Recorder = new RunRecorder(World.Clock, Start);
        _storage = new VirtualStorage(
            new VirtualStorageModel { WriteTime = options.StorageWrite, ReadTime = options.StorageRead, FailureRate = options.Faults.StorageFailures }, options.Seed + 1);
        _cluster = new SimulatedCluster(World, options.Model, options.Seed + 2) { Clients = this };
        _sessions = [.. options.Trace.Sessions.Select(s => new SessionDriver(this, s))];
        _byKernel = _sessions.ToDictionary(s => s.Kernel);
        _faults = new FaultInjector(this, options.Faults, options.Seed + 3);
    }

    /// <summary>What is run.</summary>
    public RunOptions Options { get; }

    /// <summary>Where it runs.</summary>
    public VirtualWorld World { get; }

    /// <summary>When the trace begins.</summary>
    public DateTimeOffset Start { get; }

    internal RunRecorder Recorder { get; }

    internal SimulatedCluster Cluster => _cluster;

    /// <summary>The silo; null while there is none.</summary>
    internal VirtualSilo? Silo { get; private set; }

    /// <summary>Runs a trace.</summary>
    /// <param name="options">Which, and how.</param>
    /// <param name="progress">Told of the simulated time since the trace's beginning, now and then.</param>
    /// <param name="cancel">Ends the run early: what it has is kept, and said to be partial.</param>
    /// <exception cref="PolicyException">There is no such regime or policy.</exception>
    public static RunFacts Execute(RunOptions options, Action<TimeSpan>? progress = null, CancellationToken cancel = default) =>
        new SimulationRun(options).Execute(progress, cancel);

    /// <summary>Calls a grain, from a client.</summary>
    internal Task<T> AskAsync<T>(Func<IGrainFactory, Task<T>> call) =>
        Silo is { } silo ? silo.AskAsync(call) : Task.FromException<T>(new SiloUnavailableException("there is no silo"));

    TimeSpan IClients.DurationOf(KernelId kernel, string messageId) => _byKernel[kernel].Cell(messageId).Duration;

    void IClients.Started(KernelId kernel, string messageId, ReplicaId replica, ServerId server)
    {
        var session = _byKernel[kernel];
        session.Started(session.Cell(messageId), replica, server);
    }

    void IClients.CodeEnded(KernelId kernel, string messageId) => Stopped(kernel, messageId);

    void IClients.CutOff(KernelId kernel, string messageId) => Stopped(kernel, messageId);

    void IClients.Replied(KernelId kernel, string messageId)
    {
        var session = _byKernel[kernel];
        session.Replied(session.Cell(messageId));
    }

    /// <summary>A silo starts, on the state that there is.</summary>
    internal void StartSilo()
    {
        _silos++;
        var options = Options;
        Silo = VirtualSilo.Start(
            World,
            _storage,
            services =>
            {
                if (options.Log is { } log) services.AddLogging(logging => logging.AddProvider(new RunLog(log, World.Clock, Start)).SetMinimumLevel(LogLevel.Debug));
                services.AddGrainPolicies(plan: _plan, limits: options.Limits);
                if (options.Replicas is { } replicas) services.AddSingleton(_plan.Regime with { ReplicasPerKernel = replicas });
                services.AddSingleton<IAgentCommands>(_cluster);
                services.AddSingleton(new ScalingSettings
                {
                    Minimum = options.MinServers,
                    Maximum = options.MaxServers,
                    Buffer = options.Buffer,
                    GpusPerServer = options.Model.GpusPerServer,
                    OperationLimit = TimeSpan.FromSeconds(Math.Max(120, 4 * Math.Max(options.ProvisionTime.Mean, options.RemovalTime.Mean))),
                });
                services.AddSingleton<IServerProvisioner>(provider => new PaidServers(
                    new SimulatedProvisioner(
                        options.Seed + 4 + _silos, provider.GetRequiredService<TimeProvider>(),
                        server => Then(() => _cluster.Server(server).Boot()),
                        server => Then(() => _cluster.Server(server).Crash("it was given back")))
                    {
                        Out = options.ProvisionTime,
                        In = options.RemovalTime,
                    },
                    _cluster, Recorder, _paid));
                services.AddSingleton<IIncomingGrainCallFilter>(new GrainProbe(Recorder));
                if (options.Faults.HasCallFaults) services.AddSingleton<IOutgoingGrainCallFilter>(provider => _faults.OfCalls(provider.GetRequiredService<TimeProvider>()));
            },
            host =>
            {
                host.GrainAssemblies.Add(typeof(GrainServices).Assembly);
                host.IdleScanPeriod = TimeSpan.FromMinutes(10);
            },
            turnsPerSlice: options.Faults.IsOn ? 1 : 16);
        World.Post(() => AskAsync(g => g.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).KernelSpecs()));   // as silos do when they start
        _cluster.FindSilo(Silo);
        foreach (var session in _sessions) session.SiloChanged();
    }

    /// <summary>Whether a server is there to be used, up or not.</summary>
    internal bool IsPaid(ServerId server) => _paid.Contains(server);

    /// <summary>The silo's process is killed.</summary>
    internal void CrashSilo()
    {
        var silo = Silo;
        Silo = null;
        _cluster.LoseSilo();
        silo?.Crash();
    }

    private static Task Then(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void Stopped(KernelId kernel, string messageId)
    {
        var session = _byKernel[kernel];
        session.Stopped(session.Cell(messageId));
    }

    private RunFacts Execute(Action<TimeSpan>? progress, CancellationToken cancel)
    {
        StartSilo();
        foreach (var session in _sessions) World.Post(session.RunAsync);
        _faults.Begin();
        var limit = Start + Options.Trace.Length + RunOptions.Drain;
        var (steps, running) = (0, 0);
        World.Run(() =>
        {
            if ((++steps & 0xFFF) != 0) return running == _sessions.Length;
            while (running < _sessions.Length && _sessions[running].IsOver) running++;
            progress?.Invoke(Recorder.Now);
            return running == _sessions.Length || cancel.IsCancellationRequested || World.Clock.GetUtcNow() > limit;
        });
        if (!cancel.IsCancellationRequested) Settle();
        return Facts(isPartial: cancel.IsCancellationRequested);
    }

    /// <summary>All sessions are over: what is under way comes to its end, and then nothing may be left of them.</summary>
    private void Settle()
    {
        _faults.End();
        _storage.Model = _storage.Model with { FailureRate = 0 };
        World.RunTo(World.Clock.GetUtcNow() + s_settling);
        ClusterView? view = null;
        World.Post(async () => view = await AskAsync(g => g.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).View()));
        World.RunTo(World.Clock.GetUtcNow() + s_settling);
        var left = view ?? throw new InvalidOperationException("the cluster manager does not answer");
        foreach (var kernel in left.Kernels) Recorder.Violations.Add($"kernel {kernel.Kernel} is left over, {kernel.State}");
        foreach (var place in left.Queue) Recorder.Violations.Add($"a cell of kernel {place.Kernel} still waits: {place.Reason}");
        foreach (var server in left.Servers)
        {
            if (server.Account.Committed.Gpus > 0) Recorder.Violations.Add($"server {server.Server} still has {server.Account.Committed} in leases");
            if (!server.Replicas.IsEmpty) Recorder.Violations.Add($"server {server.Server} still has {server.Replicas.Length} replicas, such as {server.Replicas[0]}");
        }
    }

    private RunFacts Facts(bool isPartial)
    {
        var trace = Options.Trace;
        var reached = Recorder.Now < trace.Length ? Recorder.Now : trace.Length;
        return new RunFacts
        {
            Regime = Options.Regime,
            Policies = [.. _plan.Picks.Select(p => new RunParameter(p.Known.Kind.Name, p.Text))],
            Trace = trace.Name,
            Window = trace.Window,
            Seed = Options.Seed,
            ReplicasPerKernel = Options.Replicas ?? _plan.Regime.ReplicasPerKernel,
            Parameters = Options.Parameters,
            End = isPartial ? reached : trace.Length,
            IsPartial = isPartial,
            Cells =
            [
                .. from session in _sessions
                   from cell in session.Cells.Zip(session.Session.Cells)
                   where !isPartial || cell.First.Submitted is not null
                   select Recorder.Fact(session.Kernel, cell.First, cell.Second),
            ],
            Violations = [.. Recorder.Violations],
            Series = Recorder.Series with { ReservedGpus = trace.Reserved() },
            Counters =
            [
                new("migrations", Recorder.Migrations),
                new("failed_migrations", Recorder.FailedMigrations),
                new("scale_outs", Recorder.ScaleOuts),
                new("scale_ins", Recorder.ScaleIns),
                new("prewarm_hits", _cluster.PoolHits),
                new("prewarm_misses", _cluster.PoolMisses),
                new("refused_starts", _sessions.Sum(s => s.RefusedStarts)),
                new("lapsed_leases", _cluster.LapsedLeases),
                new("storage_writes", _storage.Writes),
                new("silo_crashes", _silos - 1),
                new("steps", World.Steps),
            ],
        };
    }
}
