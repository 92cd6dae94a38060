namespace Notebook.Bench.Scheduling.Control;

/// <summary>What something cost of this thread's processor time.</summary>
/// <param name="Grains">In the grains and their host, the storage apart.</param>
/// <param name="Storage">In the storage.</param>
/// <param name="Writes">Writes of grain state.</param>
internal readonly record struct Cost(TimeSpan Grains, TimeSpan Storage, int Writes);

/// <summary>Reads this thread's processor time, apart for the storage and the rest.</summary>
internal readonly struct Meter
{
    private readonly MeteredStore _store;
    private readonly TimeSpan _taken, _stored;
    private readonly int _writes;

    private Meter(MeteredStore store) =>
        (_store, _stored, _writes, _taken) = (store, store.Taken, store.Writes, ThreadProcessor.Taken);

    /// <summary>Since the start.</summary>
    public Cost Cost
    {
        get
        {
            var taken = ThreadProcessor.Taken - _taken;
            var stored = _store.Taken - _stored;
            return new(taken - stored, stored, _store.Writes - _writes);
        }
    }

    public static Meter Start(MeteredStore store) => new(store);
}
