using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// The task scheduler of one activation: its tasks, and with them every continuation of an <c>await</c> in the grain,
/// run one at a time and in order.
/// </summary>
internal sealed class TurnQueue(IGrainContext owner, ITurnScheduler scheduler) : TaskScheduler, IThreadPoolWorkItem
{
    private readonly Queue<Task> _tasks = new();
    private bool _scheduled;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Queues <paramref name="turn"/> without the caller's execution context: nothing ambient leaks from one grain to the next.</summary>
    public void Post(Action<object?> turn, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            new Task(turn, state).Start(this);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            new Task(turn, state).Start(this);
        }
    }

    public void Execute()
    {
        var before = RuntimeContext.Current;
        RuntimeContext.Current = owner;
        try
        {
            for (var turns = scheduler.TurnsPerSlice; turns > 0; turns--)
            {
                if (!TryTake(out var task)) return;
                TryExecuteTask(task);
            }
        }
        finally
        {
            RuntimeContext.Current = before;
        }

        scheduler.Schedule(this);
    }

    protected override void QueueTask(Task task)
    {
        lock (_tasks)
        {
            _tasks.Enqueue(task);
            if (_scheduled) return;
            _scheduled = true;
        }

        scheduler.Schedule(this);
    }

    // Inside a turn of the same activation nothing is gained by queueing.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, owner) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
        {
            return [.. _tasks];
        }
    }

    private bool TryTake(out Task task)
    {
        lock (_tasks)
        {
            if (_tasks.TryDequeue(out task!)) return true;
            _scheduled = false;
            return false;
        }
    }
}
