using Notebook.Embedded.Storage;

namespace Notebook.Embedded.Virtual;

/// <summary>How storage behaves.</summary>
public sealed record VirtualStorageModel
{
    /// <summary>How long a write takes until it is there for good.</summary>
    public TimeSpan WriteTime { get; init; }

    /// <summary>How long a read takes.</summary>
    public TimeSpan ReadTime { get; init; }

    /// <summary>
    /// Share of writes that fail, 0 to 1. Half of these have happened all the same: who is told of a failure does not know.
    /// </summary>
    public double FailureRate { get; init; }
}

/// <summary>Grain state in memory that outlives the hosts that use it, as a database does.</summary>
/// <param name="model">How it behaves; may be another for each host.</param>
/// <param name="seed">Of its failures.</param>
public sealed class VirtualStorage(VirtualStorageModel model, int seed)
{
    private readonly MemoryGrainStore _values = new();
    private readonly Random _chance = new(seed);

    /// <summary>How it behaves from now on.</summary>
    public VirtualStorageModel Model { get; set; } = model;

    /// <summary>Writes that were carried out.</summary>
    public long Writes { get; private set; }

    internal IGrainStore For(TimeProvider time) => new View(this, time);

    private sealed class View(VirtualStorage storage, TimeProvider time) : IGrainStore
    {
        public Task OpenAsync() => Task.CompletedTask;

        public Task CloseAsync() => Task.CompletedTask;

        public async Task<StoredValue?> ReadAsync(StateKey key)
        {
            await PassAsync(storage.Model.ReadTime);
            return await storage._values.ReadAsync(key);
        }

        public async Task<string> WriteAsync(StateKey key, byte[] body, string? basedOn)
        {
            await PassAsync(storage.Model.WriteTime);
            var fault = Fault(key);
            if (fault is { Happens: false }) throw fault.Error;
            var etag = await storage._values.WriteAsync(key, body, basedOn);
            storage.Writes++;
            return fault is null ? etag : throw fault.Error;
        }

        public async Task RemoveAsync(StateKey key, string? basedOn)
        {
            await PassAsync(storage.Model.WriteTime);
            var fault = Fault(key);
            if (fault is { Happens: false }) throw fault.Error;
            await storage._values.RemoveAsync(key, basedOn);
            storage.Writes++;
            if (fault is not null) throw fault.Error;
        }

        public Task<IReadOnlyList<StoredValue>> ListAsync(string namePrefix) => storage._values.ListAsync(namePrefix);

        private Task PassAsync(TimeSpan span) => span > TimeSpan.Zero ? Task.Delay(span, time) : Task.CompletedTask;

        private WriteFault? Fault(StateKey key) =>
            storage.Model.FailureRate > 0 && storage._chance.NextDouble() < storage.Model.FailureRate
                ? new WriteFault(storage._chance.Next(2) == 0, new GrainStoreException($"{key.Grain}: its state \"{key.Name}\" could not be written: the simulation wants it so"))
                : null;
    }

    private sealed record WriteFault(bool Happens, GrainStoreException Error);
}
