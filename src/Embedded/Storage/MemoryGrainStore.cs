using Orleans.Storage;

namespace Notebook.Embedded.Storage;

/// <summary>Keeps values in memory: for tests and simulations. It outlives the hosts that use it.</summary>
internal sealed class MemoryGrainStore : IGrainStore
{
    private readonly Dictionary<StateKey, StoredValue> _values = [];
    private long _lastEtag;

    public Task OpenAsync() => Task.CompletedTask;

    public Task CloseAsync() => Task.CompletedTask;

    public Task<StoredValue?> ReadAsync(StateKey key)
    {
        lock (_values)
        {
            return Task.FromResult(_values.GetValueOrDefault(key));
        }
    }

    public Task<string> WriteAsync(StateKey key, byte[] body, string? basedOn)
    {
        lock (_values)
        {
            if (Conflict(key, basedOn) is { } conflict) return Task.FromException<string>(conflict);
            var etag = $"m{++_lastEtag}";
            _values[key] = new(key, body, etag);
            return Task.FromResult(etag);
        }
    }

    public Task RemoveAsync(StateKey key, string? basedOn)
    {
        lock (_values)
        {
            if (Conflict(key, basedOn) is { } conflict) return Task.FromException(conflict);
            _values.Remove(key);
            return Task.CompletedTask;
        }
    }

    public Task<IReadOnlyList<StoredValue>> ListAsync(string namePrefix)
    {
        lock (_values)
        {
            return Task.FromResult<IReadOnlyList<StoredValue>>(
                [.. _values.Values.Where(v => v.Key.Name.StartsWith(namePrefix, StringComparison.Ordinal))]);
        }
    }

    private InconsistentStateException? Conflict(StateKey key, string? basedOn)
    {
        var stored = _values.GetValueOrDefault(key)?.Etag;
        return stored == basedOn ? null : StoredState.Conflict(key, stored, basedOn);
    }
}
