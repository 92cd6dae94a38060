using Microsoft.Extensions.Logging;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Scaling;

namespace Notebook.Grains.Cluster;

/// <summary>
/// Which servers and kernels there are, and where replicas are placed (<see cref="IPlacementPolicy"/>). Here are kernels; servers
/// are in <c>ClusterManagerGrain.Servers.cs</c>, how many there are in <c>.Scaling.cs</c>, the queue in <c>.Queue.cs</c>, replicas that move in <c>.Moves.cs</c>. Other
/// grains are told one-way or beside the turn: no turn of this grain waits for a kernel or a server that does not answer, but
/// for the start of a kernel, which waits for its own.
/// </summary>
internal sealed partial class ClusterManagerGrain(
    [PersistentState("servers")] IPersistentState<ServersRecord> servers,
    [PersistentState("kernels")] IPersistentState<KernelsRecord> kernels,
    [PersistentState("kernel-changes")] IPersistentState<KernelChangesRecord> kernelChanges,
    [PersistentState("queue")] IPersistentState<QueueRecord> queueRecord,
    [PersistentState("fleet")] IPersistentState<FleetRecord> fleetRecord,
    IPlacementPolicy placement,
    IQueuePolicy queuePolicy,
    IMigrationPolicy migration,
    Regime regime,
    IScalingPolicy scalingPolicy,
    IServerProvisioner provisioner,
    SubscriptionLimits limits,
    ScalingSettings scaling,
    KernelLimits kernelLimits,
    TimeProvider time,
    ILogger<ClusterManagerGrain> log) : Grain, IClusterManagerGrain
{
    private const int MaxConsidered = 16;
    private readonly DecisionLog _decisions = new(capacity: 10_000);
    private readonly ServerBoard _board = new(regime.ReplicasPerKernel);
    private readonly Subscription _subscription = new(limits, regime.ReplicasPerKernel, regime.Gpus);
    private KernelRegister _kernels = null!;
    private Dictionary<KernelId, string>? _users;   // whose each kernel is, once that has mattered
    private long _culled;
    private ClusterQueue _queue = null!;

    private double GpuLimit => _subscription.GpuLimit(CanGrow);

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _kernels = new KernelRegister(kernels.State, kernelChanges.State);
        _queue = new ClusterQueue(queuePolicy, migration, _subscription, queueRecord.State);
        foreach (var summary in await Task.WhenAll(servers.State.Servers.Select(s => SummaryAsync(s.Server)))) Hear(summary);
        StartTicking();
        StartScaling();
    }

    /// <inheritdoc/>
    public async Task<StartKernelOutcome> StartKernel(KernelRequest request)
    {
        if (request.Fault() is { } fault) return new StartKernelOutcome.Refused(fault);
        var id = request.Kernel ?? new KernelId(Guid.NewGuid().ToString());
        if (request.Kernel is not null && await Kernel(id).View() is { } running) return new StartKernelOutcome.Started(running);
        if (kernelLimits.WhyNot(_kernels.Count, request.User, await KernelsOfAsync(request.User)) is { } limit) return new StartKernelOutcome.LimitReached(limit);

        // 1. Who is there, and who has the kernelspec.
        if (!_board.HasUsable)
        {
            await GrowSoonAsync(request.Resources?.Amounts ?? default(ResourceAmounts));
            return new StartKernelOutcome.NoServers();
        }

        if (_board.SpecFor(request.SpecName) is not { } specName) return new StartKernelOutcome.NoSuchSpec([.. Catalog().Select(s => s.Name)]);

        var isForeign = Catalog().FirstOrDefault(s => s.Name == specName) is { IsForeign: true };
        if (isForeign && request.Keeping != KeepingRequest.Default)
        {
            return new StartKernelOutcome.Refused(
                $"a kernel of the kernelspec '{specName}' has one process, and its variables nowhere else: durability and standby are not for it, leave them out");
        }

        // 2. Who can run its cells, and may promise to.
        var resources = request.Resources ?? new ResourceRequest(_board.HasGpus ? ClusterDefaults.GpusPerCell : 0);
        var able = _board.Able(specName, resources.Amounts, _subscription, GpuLimit);
        if (able.IsEmpty)
        {
            await GrowSoonAsync(resources.Amounts);
            return Refuse(id, WhyNowhere(specName, resources) + Prospect(resources.Amounts), resources.Amounts);
        }

        // 3. Which of them do. The kernel is noted before it starts, so that none is ever forgotten.
        var replicas = isForeign ? 1 : regime.ReplicasPerKernel;
        var decision = placement.Place(resources, replicas, able);
        var chosen = string.Join(", ", decision.Servers.Select(s => s.Value));
        LogPlaced(id, placement.Name, chosen, decision.Reason);
        Decide("placement", id, 0, placement.Name, $"replicas on {chosen}", decision.Reason, Considered(resources.Amounts, decision.Servers));
        await NoteAsync(id, ended: false);
        var definition = new KernelDefinition(
            id, specName, request.User, request.Environment, request.WorkingDirectory, resources, replicas)
        {
            Binding = regime.Gpus,
            FreshProcesses = regime.FreshProcesses && !isForeign,
            IsForeign = isForeign,
        };
        await Kernel(id).Start(definition, request.Keeping, decision.Servers);
        if (await Kernel(id).View() is { } started)
        {
            _users?.TryAdd(id, request.User);
            return new StartKernelOutcome.Started(started);
        }

        await NoteAsync(id, ended: true);
        return new StartKernelOutcome.Refused($"the kernel id {id} was used before, and is not used again: leave it out");
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<KernelView>> Kernels()
    {
        var views = await Task.WhenAll(_kernels.Kernels.Select(k => Kernel(k).View()));
        return [.. views.OfType<KernelView>()];
    }

    /// <inheritdoc/>
    public async Task<ClusterView> View() => new(await ServerViews(), await Kernels())
    {
        Queue = _queue.Places(),
        Moves = [.. _queue.Moves, .. _moves.Values],
        SubscriptionLimit = GpuLimit,
        Scaling = ScalingStatus(),
        CulledKernels = _culled,
    };

    /// <inheritdoc/>
    public Task<ImmutableArray<KernelSpecInfo>> KernelSpecs() => Task.FromResult(Catalog());

    /// <inheritdoc/>
    public Task KernelEnded(KernelId kernel)
    {
        _moves.Remove(kernel);
        _lacking.Remove(kernel);
        _users?.Remove(kernel);
        return NoteAsync(kernel, ended: true);
    }

    /// <inheritdoc/>
    public Task KernelCulled(KernelId kernel, string reason)
    {
        _culled++;
        Decide("cull", kernel, 0, "", "ended", reason, []);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<Decision>> Explain(KernelId? kernel) => kernel is { } id
        ? [.. _decisions.Of(id).Concat(await Kernel(id).Explain()).OrderBy(d => d.At)]
        : [.. _decisions.Of(null).Where(d => d.Kernel is null)];

    private IKernelGrain Kernel(KernelId id) => GrainFactory.GetGrain<IKernelGrain>(id.Value);

    private IGpuServerGrain Server(ServerId id) => GrainFactory.GetGrain<IGpuServerGrain>(id.Value);

    /// <summary>How many kernels a user has, where that is limited.</summary>
    private async Task<int> KernelsOfAsync(string user)
    {
        if (kernelLimits.PerUser == 0) return 0;
        _users ??= (await Kernels()).ToDictionary(k => k.Kernel, k => k.Definition.User);
        return _users.Values.Count(u => u == user);
    }

    private ImmutableArray<KernelSpecInfo> Catalog() =>
        KernelSpecCatalog.Of(servers.State.Servers.Where(s => _board.Find(s.Server) is { IsUp: true }));

    /// <summary>Why no server takes a kernel: what was asked, what was found, what to do.</summary>
    private string WhyNowhere(string specName, ResourceRequest resources)
    {
        var offering = _board.All.Where(s => s.CanTake(specName)).ToArray();
        var amounts = resources.Amounts;
        if (!Array.Exists(offering, s => amounts.FitsIn(s.Account.Spec)))
        {
            var largest = offering.MaxBy(s => s.Account.Spec.Gpus)!.Account.Spec;
            return amounts.Gpus > largest.Gpus
                ? $"the kernel asks for {amounts.Gpus} GPUs a cell, but no server has more than {largest.Gpus}: ask for fewer"
                : $"the kernel asks for {amounts} a cell, but no server has as much; the largest has {largest}: ask for less";
        }

        return $"the kernel asks for {amounts} a cell, and {offering.Length} servers have promised as much as they may "
            + $"(GPUs {GpuLimit:0.##} times, CPUs {limits.Cpus:0.##} times, memory {limits.Memory:0.##} times over, for {regime.ReplicasPerKernel} replicas a kernel): "
            + "shut down kernels that are not used, or add servers";
    }

    private StartKernelOutcome.Refused Refuse(KernelId kernel, string reason, in ResourceAmounts amounts)
    {
        Decide("placement", kernel, 0, "", "refused", reason, Considered(amounts, []));
        return new StartKernelOutcome.Refused(reason);
    }

    private void Decide(string kind, KernelId? kernel, long execution, string policy, string outcome, string reason, ImmutableArray<Considered> considered) =>
        _decisions.Note(new Decision(time.GetUtcNow(), kind, kernel, execution, policy, outcome, reason, considered));

    /// <summary>The first servers of the board, those that were chosen before all, and how each stands to what is asked for.</summary>
    private ImmutableArray<Considered> Considered(in ResourceAmounts amounts, ImmutableArray<ServerId> chosen)
    {
        var considered = ImmutableArray.CreateBuilder<Considered>();
        foreach (var id in chosen) considered.Add(new(id.Value, $"chosen: {Standing(_board.Find(id)!)}"));
        foreach (var server in _board.All)
        {
            if (considered.Count >= MaxConsidered) break;
            if (chosen.Contains(server.Server)) continue;
            var verdict = !server.IsUp ? "not up"
                : server.IsDraining ? "to be empty"
                : !amounts.FitsIn(server.Account.Spec) ? $"has only {server.Account.Spec}"
                : !_subscription.Allows(server.Account, amounts, GpuLimit) ? $"would promise too much: {Standing(server)}"
                : $"could: {Standing(server)}";
            considered.Add(new(server.Server.Value, verdict));
        }

        return considered.DrainToImmutable();
    }

    private static string Standing(BoardServer server) =>
        $"{server.Account.Idle.Gpus} of {server.Account.Spec.Gpus} GPUs idle, {server.Account.Promised.Gpus} promised, {server.Replicas} replicas";

    private async Task NoteAsync(KernelId kernel, bool ended)
    {
        if (!_kernels.Note(kernel, ended)) return;
        try
        {
            kernelChanges.State = _kernels.Changes;
            await kernelChanges.WriteStateAsync();
            if (!_kernels.IsDue) return;
            kernels.State = _kernels.All;
            await kernels.WriteStateAsync();
            _kernels.Written();
        }
        catch
        {
            DeactivateOnIdle();   // what is in memory was not stored: the next activation starts from what was
            throw;
        }
    }

    /// <summary>Sees to something that goes on beside the turn, such as a call of a grain that may be slow to answer.</summary>
    private async Task BesideAsync(Task work, string what)
    {
        try
        {
            await work;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            LogNotTold(what, e.Message);   // whoever it was for asks again, or is told again by a later turn
        }
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Information, Message = "Kernel {Kernel} placed by {Policy} on {Servers}: {Reason}")]
    private partial void LogPlaced(KernelId kernel, string policy, string servers, string reason);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Warning, Message = "Could not {What}: {Reason}")]
    private partial void LogNotTold(string what, string reason);
}
