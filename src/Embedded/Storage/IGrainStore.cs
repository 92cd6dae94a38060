using Orleans.Runtime;

namespace Notebook.Embedded.Storage;

/// <summary>Names one stored value.</summary>
/// <param name="Grain">Whose it is.</param>
/// <param name="Name">Its name in the grain.</param>
internal readonly record struct StateKey(string Grain, string Name);

/// <summary>A stored value and its version.</summary>
internal sealed record StoredValue(StateKey Key, byte[] Body, string Etag);

/// <summary>
/// Keeps values with versions. A change names the version that it is based on (null: there is none), and is refused
/// with <see cref="Orleans.Storage.InconsistentStateException"/> when that is not the present one. When a change's task
/// has succeeded, the change survives the end of the process at any later moment.
/// </summary>
internal interface IGrainStore
{
    Task OpenAsync();

    Task CloseAsync();

    Task<StoredValue?> ReadAsync(StateKey key);

    /// <returns>The new version.</returns>
    Task<string> WriteAsync(StateKey key, byte[] body, string? basedOn);

    Task RemoveAsync(StateKey key, string? basedOn);

    /// <summary>All values whose name begins with <paramref name="namePrefix"/>.</summary>
    Task<IReadOnlyList<StoredValue>> ListAsync(string namePrefix);
}

/// <summary>The store cannot be used, or no longer; the message says why and what to do.</summary>
public sealed class GrainStoreException : OrleansException
{
    /// <summary>With words.</summary>
    public GrainStoreException(string message) : base(message)
    {
    }

    /// <summary>With words and a cause.</summary>
    public GrainStoreException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
