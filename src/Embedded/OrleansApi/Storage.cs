namespace Orleans.Core
{
    /// <summary>A stored value and its version.</summary>
    public interface IStorage
    {
        /// <summary>The version that was last read or written; null before that.</summary>
        string? Etag { get; }

        /// <summary>Whether there was something stored when it was last read, written or cleared.</summary>
        bool RecordExists { get; }

        /// <summary>Removes it from the store.</summary>
        Task ClearStateAsync();

        /// <summary>Writes it; fails with <see cref="Storage.InconsistentStateException"/> when the store has a newer version.</summary>
        Task WriteStateAsync();

        /// <summary>Reads it again.</summary>
        Task ReadStateAsync();

        /// <inheritdoc cref="ClearStateAsync()"/>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <inheritdoc cref="WriteStateAsync()"/>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <inheritdoc cref="ReadStateAsync()"/>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A stored value and its version.</summary>
    /// <typeparam name="TState">The value's type.</typeparam>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The value in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>One named piece of a grain's state, read before the grain is activated.</summary>
    /// <typeparam name="TState">Its type.</typeparam>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Says which state a constructor parameter gets.</summary>
    /// <param name="stateName">The state's name in the grain.</param>
    /// <param name="storageName">The store's name; null for the default store.</param>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        /// <summary>The state's name in the grain.</summary>
        public string StateName { get; } = stateName ?? throw new ArgumentNullException(nameof(stateName));

        /// <summary>The store's name; null for the default store.</summary>
        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans.Providers
{
    /// <summary>Says which store a <see cref="Grain{TGrainState}"/> uses.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StorageProviderAttribute : Attribute
    {
        /// <summary>The store's name.</summary>
        public string ProviderName { get; set; } = "Default";
    }
}
