using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Cluster;

/// <summary>Knows which servers and kernels there are, and places new replicas by <see cref="IPlacementPolicy"/>.</summary>
internal sealed partial class ClusterManagerGrain(
    [PersistentState("servers")] IPersistentState<ServersRecord> servers,
    [PersistentState("kernels")] IPersistentState<KernelsRecord> kernels,
    IPlacementPolicy placement,
    ILogger<ClusterManagerGrain> log) : Grain, IClusterManagerGrain
{
    private readonly HashSet<ServerId> _lost = [];

    /// <inheritdoc/>
    public async Task<StartKernelOutcome> StartKernel(KernelRequest request)
    {
        if (request.Fault() is { } fault) return new StartKernelOutcome.Refused(fault);
        var id = request.Kernel ?? new KernelId(Guid.NewGuid().ToString());
        if (await Kernel(id).View() is { } running) return new StartKernelOutcome.Started(running);
        if (kernels.State.Kernels.Length >= ClusterDefaults.MaxKernels)
            return new StartKernelOutcome.Refused($"{ClusterDefaults.MaxKernels} kernels run already: shut some down");

        // 1. Who is there, and who has the kernelspec.
        var up = (await ServerViews()).Where(s => s.State == ServerState.Up).ToImmutableArray();
        if (up.IsEmpty) return new StartKernelOutcome.NoServers();
        var catalog = KernelSpecCatalog.Of(servers.State.Servers.Where(k => up.Any(s => s.Server == k.Server)));
        var specName = request.SpecName.Length > 0 ? request.SpecName : catalog.FirstOrDefault()?.Name ?? KernelSpecCatalog.Preferred;
        if (catalog.All(s => s.Name != specName)) return new StartKernelOutcome.NoSuchSpec([.. catalog.Select(s => s.Name)]);
        up = [.. up.Where(s => Offers(s.Server, specName))];

        // 2. Who can run its cells.
        var resources = request.Resources
            ?? new ResourceRequest(up.Any(s => !s.Gpus.IsEmpty) ? ClusterDefaults.GpusPerCell : 0);
        var able = up.Where(s => s.Gpus.Length >= resources.Gpus).ToImmutableArray();
        if (able.IsEmpty)
        {
            return new StartKernelOutcome.Refused(
                $"the kernel asks for {resources.Gpus} GPUs a cell, but no server has more than {up.Max(s => s.Gpus.Length)}: ask for fewer");
        }

        // 3. Which of them do. The kernel is noted before it starts, so that none is ever forgotten.
        var decision = placement.Place(resources, ClusterDefaults.ReplicasPerKernel, [.. able.Select(AsCandidate)]);
        LogPlaced(id, placement.Name, string.Join(", ", decision.Servers), decision.Reason);
        await StoreKernelsAsync(kernels.State.Kernels.Remove(id).Add(id));
        var definition = new KernelDefinition(
            id, specName, request.User, request.Environment, request.WorkingDirectory, resources, ClusterDefaults.ReplicasPerKernel);
        await Kernel(id).Start(definition, request.Keeping, decision.Servers);
        if (await Kernel(id).View() is { } started) return new StartKernelOutcome.Started(started);

        await StoreKernelsAsync(kernels.State.Kernels.Remove(id));
        return new StartKernelOutcome.Refused($"the kernel id {id} was used before, and is not used again: leave it out");
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<KernelView>> Kernels()
    {
        var views = await Task.WhenAll(kernels.State.Kernels.Select(k => Kernel(k).View()));
        return [.. views.OfType<KernelView>()];
    }

    /// <inheritdoc/>
    public async Task<ClusterView> View() => new(await ServerViews(), await Kernels());

    /// <inheritdoc/>
    public Task<ImmutableArray<KernelSpecInfo>> KernelSpecs() =>
        Task.FromResult(KernelSpecCatalog.Of(servers.State.Servers.Where(s => !_lost.Contains(s.Server))));

    /// <inheritdoc/>
    public async Task ServerUp(ServerId server, ImmutableArray<KernelSpecInfo> specs)
    {
        _lost.Remove(server);
        var known = servers.State.Servers;
        var entry = new KnownServer(server, specs);
        var before = known.FirstOrDefault(s => s.Server == server);
        servers.State = new ServersRecord { Servers = before is null ? known.Add(entry) : known.Replace(before, entry) };
        await servers.WriteStateAsync();
        foreach (var kernel in kernels.State.Kernels) await Kernel(kernel).AddReplica(server);   // it knows whether it wants one
    }

    /// <inheritdoc/>
    public Task ServerLost(ServerId server)
    {
        _lost.Add(server);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task KernelEnded(KernelId kernel) => StoreKernelsAsync(kernels.State.Kernels.Remove(kernel));

    private IKernelGrain Kernel(KernelId id) => GrainFactory.GetGrain<IKernelGrain>(id.Value);

    private bool Offers(ServerId server, string specName) =>
        servers.State.Servers.Any(s => s.Server == server && s.Specs.Any(k => k.Name == specName));

    private async Task<ImmutableArray<ServerView>> ServerViews()
    {
        var views = await Task.WhenAll(
            servers.State.Servers.Select(s => GrainFactory.GetGrain<IGpuServerGrain>(s.Server.Value).View()));
        return [.. views.OfType<ServerView>()];
    }

    private static PlacementServer AsCandidate(ServerView server) => new(
        server.Server, server.Gpus.Length, server.Gpus.Count(g => g.Lease is null), server.PromisedGpus, server.Replicas.Length, server.Load);

    private Task StoreKernelsAsync(ImmutableArray<KernelId> ids)
    {
        kernels.State = new KernelsRecord { Kernels = ids };
        return kernels.WriteStateAsync();
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Information, Message = "Kernel {Kernel} placed by {Policy} on {Servers}: {Reason}")]
    private partial void LogPlaced(KernelId kernel, string policy, string servers, string reason);
}
