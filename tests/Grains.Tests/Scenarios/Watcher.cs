using System.Threading.Channels;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Hears of a kernel as a gateway does.</summary>
internal sealed class Watcher : IKernelObserver
{
    private readonly Channel<CellEnding> _endings = Channel.CreateUnbounded<CellEnding>();

    public Task Changed(KernelView view) => Task.CompletedTask;

    public Task CellEnded(KernelId kernel, CellEnding ending)
    {
        _endings.Writer.TryWrite(ending);
        return Task.CompletedTask;
    }

    public Task<CellEnding> NextEndingAsync(string what) => _endings.Reader.ReadAsync().AsTask().Within($"the end of a cell: {what}");
}
