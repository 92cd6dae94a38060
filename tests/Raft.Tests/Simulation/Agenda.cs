namespace Notebook.Raft.Tests.Simulation;

/// <summary>Virtual time in milliseconds: what is due happens in order of time, and of planning where that is equal.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (long Time, long Number)> _planned = new();
    private long _number;

    public long Now { get; private set; }

    public void After(long delay, Action action) => _planned.Enqueue(action, (Now + delay, _number++));

    public void RunUntil(long time, Func<bool>? isDone = null)
    {
        while (_planned.TryPeek(out _, out var due) && due.Time <= time && isDone?.Invoke() != true)
        {
            Now = due.Time;
            _planned.Dequeue()();
        }
    }
}
