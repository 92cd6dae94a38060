using Microsoft.Extensions.DependencyInjection;
using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>
/// A silo without its process: the grains on a host, agents that are scripted, storage that outlives the host. Which host
/// is said in <c>GrainCluster.Embedded.cs</c> and <c>GrainCluster.Orleans.cs</c>.
/// </summary>
internal sealed partial class GrainCluster : IAsyncDisposable
{
    private readonly TimeProvider _time;

    private GrainCluster(TimeProvider time)
    {
        _time = time;
        Agents = new FakeAgents(() => Grains);
    }

    public FakeAgents Agents { get; }

    /// <summary>Writes of grain state that fail.</summary>
    public FailingWrites Writes { get; } = new();

    /// <summary>How the silo keeps the state of kernels that ask for nothing; heeded when it starts.</summary>
    public Keeping? Keeping { get; set; }

    /// <summary>Who decides what; heeded when the silo starts.</summary>
    public PolicyPlan? Policies { get; set; }

    /// <summary>Services in place of others, or beside them; heeded when the silo starts.</summary>
    public Action<IServiceCollection>? Services { get; set; }

    public IClusterManagerGrain Manager => Grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);

    /// <summary>With three servers, two GPUs each, unless said otherwise.</summary>
    public static Task<GrainCluster> StartAsync(TimeProvider? time, int gpus, params string[] servers) => StartAsync(time, gpus, null, servers);

    /// <summary>The same, with other policies than the defaults.</summary>
    public static Task<GrainCluster> StartAsync(TimeProvider? time = null, int gpus = 2, PolicyPlan? policies = null, params string[] servers) =>
        StartAsync(new GrainCluster(time ?? TimeProvider.System) { Policies = policies }, gpus, servers.Length > 0 ? servers : ["a", "b", "c"]);

    /// <summary>With services of the test's own.</summary>
    public static Task<GrainCluster> StartAsync(TimeProvider time, Action<IServiceCollection> services, int gpus, params string[] servers) =>
        StartAsync(new GrainCluster(time) { Services = services }, gpus, servers);

    private static async Task<GrainCluster> StartAsync(GrainCluster cluster, int gpus, string[] servers)
    {
        await cluster.OpenAsync();
        foreach (var server in servers) await cluster.Agents.ConnectAsync(server, gpus);
        await UntilAsync(async () => servers.Length == 0 || !(await cluster.Manager.KernelSpecs()).IsEmpty, "kernelspecs are known");
        await UntilAsync(async () => (await cluster.Manager.View()).Servers.Length == servers.Length, "all servers are known");
        return cluster;
    }

    /// <summary>The silo ends, and another one starts on the same database. The agents have lost their connections.</summary>
    /// <param name="crash">Whether the database is as a crash at this moment would leave it, without the last words of grains.</param>
    public async Task RestartSiloAsync(bool crash = false)
    {
        if (crash) ForgetWhatFollows();
        await CloseAsync();
        Agents.DisconnectAll();
        await OpenAsync();
        await Manager.View();   // what the silo does when it starts
    }

    /// <summary>
    /// Lets virtual time pass, once the grains have done all that there was to do: their limits are virtual too, and are not
    /// those of a busy machine.
    /// </summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        await RestAsync();
        ((ManualTimeProvider)_time).Advance(time);
    }

    public async Task<IKernelGrain> StartKernelAsync(int? gpus = 0, KeepingRequest? keeping = null, string spec = "python3")
    {
        var request = new KernelRequest(
            null, spec, "default", ImmutableDictionary<string, string>.Empty, null, gpus is { } n ? new ResourceRequest(n) : null)
        {
            Keeping = keeping ?? KeepingRequest.Default,
        };
        var started = Assert.IsType<StartKernelOutcome.Started>(await Manager.StartKernel(request));
        var kernel = Grains.GetGrain<IKernelGrain>(started.View.Kernel.Value);
        await UntilAsync(kernel, v => v.State == KernelState.Idle && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "all replicas are ready");
        return kernel;
    }

    public async Task<Watcher> WatchAsync(IKernelGrain kernel, int connections = 0)
    {
        var watcher = new Watcher();
        _watchers.Add(watcher);
        await kernel.Subscribe(Grains.CreateObjectReference<IKernelObserver>(watcher), connections);
        return watcher;
    }

    private readonly List<Watcher> _watchers = [];   // the host holds observers weakly

    public static async Task<KernelView> UntilAsync(IKernelGrain kernel, Func<KernelView, bool> condition, string what)
    {
        KernelView? view = null;
        await UntilAsync(async () => (view = await kernel.View()) is not null && condition(view), what, () => $"{view}");
        return view!;
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, Func<string>? found = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"never happened: {what}; last seen: {found?.Invoke()}");
            await Task.Yield();
        }
    }
}
