using Notebook.Embedded.Storage;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>A store that says how much of the asking thread's processor time it took: a lone writer does the work itself.</summary>
internal sealed class MeteredStore(IGrainStore store) : IGrainStore
{
    /// <summary>Processor time in the store so far.</summary>
    public TimeSpan Taken { get; private set; }

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    public Task OpenAsync() => store.OpenAsync();

    public Task CloseAsync() => store.CloseAsync();

    public Task<StoredValue?> ReadAsync(StateKey key) => Metered(() => store.ReadAsync(key));

    public Task<string> WriteAsync(StateKey key, byte[] body, string? basedOn)
    {
        Writes++;
        return Metered(() => store.WriteAsync(key, body, basedOn));
    }

    public Task RemoveAsync(StateKey key, string? basedOn) => Metered(() => store.RemoveAsync(key, basedOn));

    public Task<IReadOnlyList<StoredValue>> ListAsync(string namePrefix) => store.ListAsync(namePrefix);

    private T Metered<T>(Func<T> ask)
    {
        var since = ThreadProcessor.Taken;
        var answer = ask();
        Taken += ThreadProcessor.Taken - since;
        return answer;
    }
}
