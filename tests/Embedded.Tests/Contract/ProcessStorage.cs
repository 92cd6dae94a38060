#if ORLEANS_HOST
using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Notebook.Embedded.Tests.Contract;

/// <summary>Keeps states for all silos of this process, over their restarts.</summary>
internal sealed class ProcessStorage : IGrainStorage
{
    private static readonly ConcurrentDictionary<(string, GrainId), (object? State, string Etag)> All = new();
    private static readonly Lock Changes = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = All.TryGetValue((stateName, grainId), out var stored);
        grainState.State = (found ? Copy((T)stored.State!) : Activator.CreateInstance<T>())!;
        (grainState.ETag, grainState.RecordExists) = (found ? stored.Etag : null, found);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (Changes)
        {
            Check(stateName, grainId, grainState.ETag);
            var etag = Guid.NewGuid().ToString();
            All[(stateName, grainId)] = (Copy(grainState.State), etag);
            (grainState.ETag, grainState.RecordExists) = (etag, true);
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (Changes)
        {
            Check(stateName, grainId, grainState.ETag);
            All.TryRemove((stateName, grainId), out _);
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        }

        return Task.CompletedTask;
    }

    // A state's container is changeable, what it holds is not: a new container is a copy.
    private static T? Copy<T>(T? state)
    {
        if (state is null) return default;
        var copy = Activator.CreateInstance<T>();
        foreach (var property in typeof(T).GetProperties()) property.SetValue(copy, property.GetValue(state));
        return copy;
    }

    private static void Check(string stateName, GrainId grainId, string? basedOn)
    {
        var stored = All.TryGetValue((stateName, grainId), out var found) ? found.Etag : null;
        if (stored != basedOn) throw new InconsistentStateException("the state was changed by someone else", stored, basedOn);
    }
}
#endif
