namespace Notebook.Grains.Policies;

/// <summary>First come, first served, whoever it is.</summary>
public sealed class FirstComeQueue : IQueuePolicy
{
    /// <inheritdoc/>
    public string Name => "first-come";

    /// <inheritdoc/>
    public ImmutableArray<int> Order(QueueView queue) => [.. Enumerable.Range(0, queue.Waiting.Length)];
}
