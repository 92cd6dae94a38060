using System.Collections.Concurrent;
using Notebook.Gateway.Cluster;
using Orleans.Runtime;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>Grains that do what a test tells them.</summary>
internal sealed class FakeCluster : IKernelDirectory, IClusterManagerGrain
{
    private readonly ConcurrentDictionary<KernelId, FakeKernel> _kernels = [];
    private readonly FakeSessions _sessions;

    public FakeCluster() => _sessions = new FakeSessions(this);

    public bool Down { get; set; }

    public bool HasServers { get; set; } = true;

    /// <summary>Why no kernel starts any more; null while they do.</summary>
    public string? Limit { get; set; }

    public KernelRequest? LastRequest { get; private set; }

    public ImmutableArray<KernelSpecInfo> Specs { get; set; } =
    [
        new("python3", "Python 3", "python", ImmutableDictionary<string, string>.Empty.Add("logo-64x64.png", Convert.ToBase64String([1, 2, 3]))),
        new("torch", "PyTorch", "python", ImmutableDictionary<string, string>.Empty),
    ];

    public IClusterManagerGrain Cluster => this;

    public FakeSessions KnownSessions => _sessions;

    public ISessionsGrain Sessions => _sessions;

    /// <summary>Every kernel that was asked for.</summary>
    public ConcurrentQueue<KernelId> Asked { get; } = new();

    public IKernelGrain Kernel(KernelId id)
    {
        Asked.Enqueue(id);
        return KernelOf(id);
    }

    private FakeKernel KernelOf(KernelId id) => _kernels.GetValueOrDefault(id) ?? new FakeKernel(this, id, null);

    public FakeKernel Known(KernelId id) => _kernels[id];

    public IKernelObserver Reference(IKernelObserver observer) => observer;

    public void Forget(IKernelObserver reference)
    {
    }

    public FakeKernel Add(KernelRequest? request = null)
    {
        request ??= new(null, "", "default", ImmutableDictionary<string, string>.Empty, null, null);
        var id = request.Kernel ?? new KernelId(Guid.NewGuid().ToString());
        var definition = new KernelDefinition(
            id, request.SpecName.Length == 0 ? "python3" : request.SpecName, request.User, request.Environment, request.WorkingDirectory, request.Resources, 3);
        return _kernels[id] = new FakeKernel(this, id, new KernelView(
            1, definition, KernelState.Starting, null, $"session-{id}", 1, null, [], [], "empty", false, DateTimeOffset.UnixEpoch));
    }

    public void ThrowIfDown()
    {
        if (Down) throw new SiloUnavailableException("no silo answers");
    }

    Task<StartKernelOutcome> IClusterManagerGrain.StartKernel(KernelRequest request)
    {
        ThrowIfDown();
        LastRequest = request;
        if (Limit is { } limit) return Task.FromResult<StartKernelOutcome>(new StartKernelOutcome.LimitReached(limit));
        if (!HasServers) return Task.FromResult<StartKernelOutcome>(new StartKernelOutcome.NoServers());
        if (request.SpecName.Length > 0 && Specs.All(s => s.Name != request.SpecName))
            return Task.FromResult<StartKernelOutcome>(new StartKernelOutcome.NoSuchSpec([.. Specs.Select(s => s.Name)]));
        return Task.FromResult<StartKernelOutcome>(new StartKernelOutcome.Started(Add(request).Now!));
    }

    Task<ImmutableArray<KernelView>> IClusterManagerGrain.Kernels()
    {
        ThrowIfDown();
        return Task.FromResult<ImmutableArray<KernelView>>([.. _kernels.Values.Select(k => k.Now!).Where(v => v.State != KernelState.Dead)]);
    }

    Task<ClusterView> IClusterManagerGrain.View() => throw new NotSupportedException();

    Task<ImmutableArray<KernelSpecInfo>> IClusterManagerGrain.KernelSpecs()
    {
        ThrowIfDown();
        return Task.FromResult(Specs);
    }

    Task IClusterManagerGrain.ServerUp(ServerId server, ImmutableArray<KernelSpecInfo> specs) => throw new NotSupportedException();

    Task IClusterManagerGrain.ServerLost(ServerId server) => throw new NotSupportedException();

    Task<ImmutableArray<Decision>> IClusterManagerGrain.Explain(KernelId? kernel) => throw new NotSupportedException();

    Task IClusterManagerGrain.ServerChanged(ServerSummary server) => throw new NotSupportedException();

    Task IClusterManagerGrain.KernelEnded(KernelId kernel) => throw new NotSupportedException();

    Task IClusterManagerGrain.KernelCulled(KernelId kernel, string reason) => throw new NotSupportedException();

    Task<WaitOutcome> IClusterManagerGrain.Wait(WaitingCell cell) => throw new NotSupportedException();

    Task IClusterManagerGrain.LeaveQueue(KernelId kernel, long execution) => throw new NotSupportedException();

    Task IClusterManagerGrain.LacksReplica(KernelId kernel) => throw new NotSupportedException();

    Task IClusterManagerGrain.MoveEnded(KernelId kernel, MoveEnding ending) => throw new NotSupportedException();

    Task IClusterManagerGrain.Provisioned(ServerId server, long operation, Contracts.Provisioning.ProvisionOutcome outcome) => throw new NotSupportedException();

    Task<DrainView?> IClusterManagerGrain.Drain(ServerId server, bool drain) => throw new NotSupportedException();
}
