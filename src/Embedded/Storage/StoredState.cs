using System.Collections.Concurrent;
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
    private delegate IStoredState Maker(IGrainStore store, GrainJson json, StateKey key);

    private static readonly ConcurrentDictionary<Type, Maker> s_makers = new();

    public static IStoredState Create(Type type, IGrainStore store, GrainJson json, StateKey key) => s_makers.GetOrAdd(
        type, static of => typeof(StoredState<>).MakeGenericType(of).GetMethod(nameof(StoredState<object>.New))!.CreateDelegate<Maker>())(store, json, key);

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
    private static readonly Func<T> s_initial = FindInitial();

    public T State { get; set; } = s_initial();

    public string? Etag { get; private set; }

    public bool RecordExists => Etag is not null;

    public static IStoredState New(IGrainStore store, GrainJson json, StateKey key) => new StoredState<T>(store, json, key);

    public async Task ReadStateAsync()
    {
        var stored = await store.ReadAsync(key);
        Etag = stored?.Etag;
        State = stored is null ? s_initial() : Parse(stored.Body);
    }

    public async Task WriteStateAsync()
    {
        var body = json.Write(State);
        Etag = await store.WriteAsync(key, body, Etag);
    }

    public async Task ClearStateAsync()
    {
        await store.RemoveAsync(key, Etag);
        (Etag, State) = (null, s_initial());
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

    // As in Orleans: by the parameterless constructor, or else with every member at its default. Found once: activations are many.
    private static Func<T> FindInitial()
    {
        var type = typeof(T);
        if (type.IsValueType) return static () => default!;
        if (type.GetConstructor(Type.EmptyTypes) is not null && !type.IsAbstract) return static () => Activator.CreateInstance<T>();
        return type.IsAbstract || type.IsArray || type == typeof(string) ? static () => default! : static () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
    }
}
