namespace Notebook.Bench.Scheduling.Control;

/// <summary>What something cost of this thread's processor time.</summary>
/// <param name="Grains">In the grains and their host, without the storage and the waiting for its thread. What the garbage collector took meanwhile is in it.</param>
/// <param name="Storage">In the storage.</param>
/// <param name="Writes">Writes of grain state.</param>
/// <param name="Bytes">Memory that was taken.</param>
/// <param name="Collections">Garbage collections that fell into it.</param>
internal readonly record struct Cost(TimeSpan Grains, TimeSpan Storage, int Writes, long Bytes, int Collections);

/// <summary>Reads this thread's processor time, apart for the storage and the rest.</summary>
internal readonly struct Meter
{
    private readonly OneThread _thread;
    private readonly MeteredStore _store;
    private readonly TimeSpan _taken, _stored, _waited;
    private readonly long _bytes;
    private readonly int _writes, _collections;

    private Meter(OneThread thread, MeteredStore store) => (_thread, _store, _stored, _waited, _writes, _bytes, _collections, _taken) =
        (thread, store, store.Taken, thread.Waited, store.Writes, GC.GetAllocatedBytesForCurrentThread(), GC.CollectionCount(0), ThreadProcessor.Taken);

    /// <summary>Since the start.</summary>
    public Cost Cost
    {
        get
        {
            var taken = ThreadProcessor.Taken - _taken;
            var stored = _store.Taken - _stored;
            return new(
                taken - stored - (_thread.Waited - _waited), stored, _store.Writes - _writes,
                GC.GetAllocatedBytesForCurrentThread() - _bytes, GC.CollectionCount(0) - _collections);
        }
    }

    public static Meter Start(OneThread thread, MeteredStore store) => new(thread, store);
}
