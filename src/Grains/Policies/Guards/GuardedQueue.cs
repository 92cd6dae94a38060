namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's order of the queue, in which each cell has one place.</summary>
internal sealed class GuardedQueue(IQueuePolicy plugin, IQueuePolicy builtIn, PolicyGuard guard) : IQueuePolicy
{
    public string Name => guard.Name;

    public ImmutableArray<int> Order(QueueView queue) => guard.Decide(
        () => plugin.Order(queue),
        order => Nonsense.InChoice("place", order, Enumerable.Range(0, queue.Waiting.Length))
            ?? (order.Length < queue.Waiting.Length ? $"it orders {order.Length} of {queue.Waiting.Length} cells" : null),
        () => builtIn.Order(queue));
}
