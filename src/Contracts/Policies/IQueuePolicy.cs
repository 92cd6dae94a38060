namespace Notebook.Contracts.Policies;

/// <summary>A cell that waits for GPUs, as the order of the queue sees it.</summary>
/// <param name="Kernel">Its kernel.</param>
/// <param name="User">Whose kernel it is.</param>
/// <param name="Amounts">What it asks for.</param>
/// <param name="Since">When it came.</param>
public sealed record QueuedRequest(KernelId Kernel, string User, ResourceAmounts Amounts, DateTimeOffset Since);

/// <summary>All that waits, and who holds what.</summary>
/// <param name="Now">The time.</param>
/// <param name="Waiting">The cells, in order of arrival.</param>
/// <param name="HeldGpus">GPUs that users' running cells hold, as far as the cluster manager knows.</param>
public sealed record QueueView(
    DateTimeOffset Now, ImmutableArray<QueuedRequest> Waiting, ImmutableDictionary<string, int> HeldGpus);

/// <summary>Says in which order cells that wait for GPUs get them. Pure: same input, same answer.</summary>
public interface IQueuePolicy : IPolicy
{
    /// <summary>The waiting cells, the next first: indices into <see cref="QueueView.Waiting"/>, each exactly once.</summary>
    ImmutableArray<int> Order(QueueView queue);
}
