using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>An activation's timers: they end with it.</summary>
internal sealed partial class Activation
{
    private readonly HashSet<GrainTimer> _timers = [];

    public GrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (!ReferenceEquals(RuntimeContext.Current, this))
        {
            throw new InvalidOperationException(
                $"a timer of {GrainId} was registered outside of its turns: do it from the grain's own methods, without Task.Run or ConfigureAwait(false)");
        }

        var timer = new GrainTimer(this, callback, options);
        lock (_timers)
        {
            _timers.Add(timer);
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (_timers)
        {
            _timers.Remove(timer);
        }
    }

    private void DisposeTimers()
    {
        GrainTimer[] all;
        lock (_timers)
        {
            all = [.. _timers];
        }

        foreach (var timer in all) timer.Dispose();
    }
}
