using System.Threading.Channels;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Hears of a kernel as a gateway does.</summary>
internal sealed class Watcher : IKernelObserver
{
    private readonly Channel<CellEnding> _endings = Channel.CreateUnbounded<CellEnding>();
    private readonly TaskCompletionSource<KernelView> _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<KernelId> _beginnings = Channel.CreateUnbounded<KernelId>();

    /// <summary>Whether no cell has ended other than by its own reply, that was not asked for.</summary>
    public bool HasHeardNoEnding => _endings.Reader.Count == 0;

    public Task Changed(KernelView view)
    {
        if (view.State == KernelState.Dead) _dead.TrySetResult(view);
        return Task.CompletedTask;
    }

    public Task CellEnded(KernelId kernel, CellEnding ending)
    {
        _endings.Writer.TryWrite(ending);
        return Task.CompletedTask;
    }

    public Task BeginsAnew(KernelId kernel)
    {
        _beginnings.Writer.TryWrite(kernel);
        return Task.CompletedTask;
    }

    public Task<KernelId> BeginsAnewAsync(string what) => _beginnings.Reader.ReadAsync().AsTask().Within($"the kernel begins anew: {what}");

    public Task<KernelView> DeadAsync() => _dead.Task.Within("word of the kernel's end");

    public Task<CellEnding> NextEndingAsync(string what) => _endings.Reader.ReadAsync().AsTask().Within($"the end of a cell: {what}");
}
