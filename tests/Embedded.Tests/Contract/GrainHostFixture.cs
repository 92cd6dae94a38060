using Notebook.TestKit;
using Orleans;

namespace Notebook.Embedded.Tests.Contract;

/// <summary>A running grain host, whichever. The contract suite knows no more than this.</summary>
public abstract class GrainHostFixture : IAsyncLifetime
{
    private int _keys;

    public abstract IClusterClient Client { get; }

    /// <summary>Lets time pass: at once where the host's clock is ours, really where it is not.</summary>
    public abstract Task PassAsync(TimeSpan time);

    /// <summary>Stops the host and starts another on the same storage.</summary>
    public abstract Task RestartAsync();

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>A key, or a signal's name, that no other test uses.</summary>
    public string Fresh(string name) => $"{name}-{Interlocked.Increment(ref _keys)}-{Guid.NewGuid():N}";

    public T Grain<T>(string? key = null)
        where T : IGrainWithStringKey =>
        Client.GetGrain<T>(key ?? Fresh(typeof(T).Name));

    /// <summary>Lets time pass in steps until something happens.</summary>
    public async Task PassUntilAsync(Task happened, TimeSpan step, string what)
    {
        for (var i = 0; i < 100 && !happened.IsCompleted; i++)
        {
            await PassAsync(step);
            await Task.WhenAny(happened, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        await happened.Within(what);
    }
}
