namespace Notebook.Agent.Processes;

/// <summary>One process that a <see cref="Zygote"/> forked.</summary>
internal sealed class ZygoteChild(string id, Zygote zygote)
{
    private readonly TaskCompletionSource<ZygoteChild> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public int ProcessId { get; private set; }

    /// <summary>Completes when its sockets are there.</summary>
    public Task<ZygoteChild> Started => _started.Task;

    /// <summary>Completes when it has ended.</summary>
    public Task<ProcessExit> Exited => _exited.Task;

    /// <summary>Signals it and its process group.</summary>
    public Task SignalAsync(int signal) => zygote.SignalAsync(id, signal);

    internal void Forked(int processId) => ProcessId = processId;

    internal void HasStarted() => _started.TrySetResult(this);

    internal void Fail(string reason)
    {
        _started.TrySetException(new ProcessStartException(reason));
        _exited.TrySetResult(ProcessExit.WithZygote);
    }

    internal void End(ProcessExit exit, string lastWords)
    {
        _started.TrySetException(new ProcessStartException($"{exit} before it was ready: {lastWords}"));
        _exited.TrySetResult(exit);
    }
}
