using Orleans;

namespace Notebook.Gateway.Cluster;

/// <summary>The grains that a gateway talks to. Getting one calls nothing.</summary>
internal interface IKernelDirectory
{
    IClusterManagerGrain Cluster { get; }

    ISessionsGrain Sessions { get; }

    IKernelGrain Kernel(KernelId id);

    /// <summary>Makes an observer callable by grains; it is held weakly.</summary>
    IKernelObserver Reference(IKernelObserver observer);

    /// <summary>Ends what <see cref="Reference"/> began.</summary>
    void Forget(IKernelObserver reference);
}

/// <inheritdoc cref="IKernelDirectory"/>
internal sealed class KernelDirectory(IGrainFactory grains) : IKernelDirectory
{
    public IClusterManagerGrain Cluster => grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);

    public ISessionsGrain Sessions => grains.GetGrain<ISessionsGrain>(ISessionsGrain.Key);

    public IKernelGrain Kernel(KernelId id) => grains.GetGrain<IKernelGrain>(id.Value);

    public IKernelObserver Reference(IKernelObserver observer) => grains.CreateObjectReference<IKernelObserver>(observer);

    public void Forget(IKernelObserver reference) => grains.DeleteObjectReference<IKernelObserver>(reference);
}
