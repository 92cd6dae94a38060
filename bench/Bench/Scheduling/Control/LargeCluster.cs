using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notebook.Contracts;
using Notebook.Contracts.Agents;
using Notebook.Embedded;
using Notebook.Embedded.Storage;
using Notebook.Grains;
using Orleans;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>A control plane in this process, all of it but its agents: the grains on the embedded host, their state in SQLite.</summary>
internal sealed class LargeCluster : IDisposable
{
    private readonly OneThread _thread = new();
    private readonly ServiceProvider _services;
    private readonly CancellationToken _stop;

    private LargeCluster(string folder, CancellationToken stop)
    {
        _stop = stop;
        Store = new MeteredStore(new SqliteGrainStore(Path.Combine(folder, "silo.db")));
        Agents = new InstantAgents(() => Grains);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new StillClock());
        services.AddSingleton<IAgentCommands>(Agents);
        services.AddGrainPolicies();
        services.AddSingleton<IGrainStore>(Store);
        services.AddEmbeddedGrains(options =>
        {
            options.GrainAssemblies.Add(typeof(GrainServices).Assembly);
            options.Scheduler = _thread;
        });
        _services = services.BuildServiceProvider();
    }

    public InstantAgents Agents { get; }

    public MeteredStore Store { get; }

    private IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    private IClusterManagerGrain Manager => Grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);

    /// <summary>Starts the host and connects the servers. All calls are to be made on one thread.</summary>
    public static LargeCluster Start(string folder, int servers, int gpus, Progress progress, CancellationToken stop)
    {
        var cluster = new LargeCluster(folder, stop);
        foreach (var hosted in cluster._services.GetServices<IHostedService>()) cluster.Do(() => hosted.StartAsync(stop));
        progress.Stage($"connecting {servers:N0} servers");
        for (var i = 0; i < servers; i++)
        {
            progress.Step("servers", i, servers);
            var server = new ServerId(string.Create(CultureInfo.InvariantCulture, $"server-{i:0000}"));
            cluster.Do(() => cluster.Grains.GetGrain<IGpuServerGrain>(server.Value).Connected(InstantAgents.Registration(server, gpus)));
            cluster._thread.Settle();
        }

        return cluster;
    }

    /// <summary>Starts a kernel of one GPU a cell.</summary>
    /// <returns>What it cost until there was an answer, and until its replicas were up and everybody knew it.</returns>
    public (KernelId Kernel, Cost Answered, Cost Settled) StartKernel(int user)
    {
        var request = new KernelRequest(
            null, "python3", $"user-{user}", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(1));
        var meter = Meter.Start(_thread, Store);
        var outcome = _thread.Run(() => Manager.StartKernel(request), _stop);
        var answered = meter.Cost;
        Settle();
        return outcome is StartKernelOutcome.Started { View: var view }
            ? (view.Kernel, answered, meter.Cost)
            : throw new InvalidOperationException($"a kernel was not started: {outcome}");
    }

    /// <summary>Submits a cell.</summary>
    /// <returns>What it cost until it was ordered from an agent, and until everybody knew it.</returns>
    public (Cost Ordered, Cost Settled) Submit(KernelId kernel, string messageId)
    {
        var grain = Grains.GetGrain<IKernelGrain>(kernel.Value);
        Agents.Forget();
        var meter = Meter.Start(_thread, Store);
        var answer = grain.Submit(new CellSubmission(messageId, null, StopOnError: true, Started: false));
        _thread.RunUntil(() => Agents.Ordered is not null || answer.IsCompleted, _stop);
        var ordered = meter.Cost;
        var outcome = _thread.Run(() => answer, _stop);
        Settle();
        return outcome is SubmitOutcome.Accepted { Ahead: 0 } && Agents.Ordered is { Order.Order.Lease: not null }
            ? (ordered, meter.Cost)
            : throw new InvalidOperationException($"a cell was not run at once with a GPU: {outcome}");
    }

    /// <summary>The cell that was submitted last ends.</summary>
    /// <returns>What that cost.</returns>
    public Cost End()
    {
        var meter = Meter.Start(_thread, Store);
        Agents.End();
        Settle();
        return meter.Cost;
    }

    public void Dispose()
    {
        foreach (var hosted in _services.GetServices<IHostedService>().Reverse()) Do(() => hosted.StopAsync(CancellationToken.None));
        _services.Dispose();
        _thread.Dispose();
    }

    /// <summary>Everybody is told everything; what the agents say too.</summary>
    private void Settle()
    {
        _thread.Settle();
        Agents.Speak();
        _thread.Settle();
    }

    private void Do(Func<Task> work) => _thread.Run(
        async () =>
        {
            await work();
            return true;
        },
        _stop);
}
