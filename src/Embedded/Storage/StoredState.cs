using System.Reflection;
using System.Runtime.CompilerServices;
using Notebook.Embedded.Serialization;
using Orleans.Core;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Notebook.Embedded.Storage;

/// <summary>A grain's state, whatever its type.</summary>
internal interface IStoredState : IStorage;

/// <summary>How states are made and named.</summary>
internal static class StoredState
{
    public static IStoredState Create(Type type, IGrainStore store, GrainJson json, StateKey key) =>
        (IStoredState)Activator.CreateInstance(typeof(StoredState<>).MakeGenericType(type), store, json, key)!;

    public static StateKey Key(GrainId grain, string state, string? storage) =>
        new(grain.ToString(), storage is null ? state : $"{storage}/{state}");

    /// <summary>The store that the class of a <see cref="Orleans.Grain{T}"/> names.</summary>
    public static string? StoreOf(Type grainClass) => grainClass.GetCustomAttribute<StorageProviderAttribute>()?.ProviderName;

    public static InconsistentStateException Conflict(StateKey key, string? stored, string? basedOn) => new(
        $"{key.Grain}: its state \"{key.Name}\" was changed by someone else (stored version {stored ?? "none"}, change based on {basedOn ?? "none"})",
        stored, basedOn);
}

/// <summary>One state of one activation. Written as it is when the write is asked for, whatever changes later.</summary>
internal sealed class StoredState<T>(IGrainStore store, GrainJson json, StateKey key) : IStoredState, IPersistentState<T>
{
    public T State { get; set; } = Initial();

    public string? Etag { get; private set; }

    public bool RecordExists => Etag is not null;

    public async Task ReadStateAsync()
    {
        var stored = await store.ReadAsync(key);
        Etag = stored?.Etag;
        State = stored is null ? Initial() : Parse(stored.Body);
    }

    public async Task WriteStateAsync()
    {
        var body = json.Write(State);
        Etag = await store.WriteAsync(key, body, Etag);
    }

    public async Task ClearStateAsync()
    {
        await store.RemoveAsync(key, Etag);
        (Etag, State) = (null, Initial());
    }

    private T Parse(byte[] body)
    {
        try
        {
            return json.Read<T>(body)!;
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new GrainStoreException($"{key.Grain}: its stored state \"{key.Name}\" cannot be read as {typeof(T).Name}: {error.Message}", error);
        }
    }

    // As in Orleans: by the parameterless constructor, or else with every member at its default.
    private static T Initial()
    {
        var type = typeof(T);
        if (type.IsValueType) return default!;
        if (type.GetConstructor(Type.EmptyTypes) is { } constructor && !type.IsAbstract) return (T)constructor.Invoke(null);
        return type.IsAbstract || type.IsArray || type == typeof(string) ? default! : (T)RuntimeHelpers.GetUninitializedObject(type);
    }
}
