using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// The observers of one process. An observer's id is <c>sys.client/CLIENT+N</c>: CLIENT says where it is.
/// Observers are held weakly, as in Orleans; each gets its calls one at a time and in order.
/// </summary>
internal sealed class ObserverTable(string client, int capacity, ITurnScheduler scheduler, ILogger log)
{
    private static readonly GrainType Kind = GrainType.Create("sys.client");

    private readonly ConcurrentDictionary<GrainId, ObserverQueue> _queues = new();
    private long _last;

    /// <summary>This process.</summary>
    public string Client { get; } = client;

    /// <summary>The process that has an observer; null when the id is not an observer's.</summary>
    public static string? ClientOf(GrainId id)
    {
        if (id.Type != Kind) return null;
        var key = id.Key.ToString();
        return key[..key.LastIndexOf('+')];
    }

    public GrainId Add(IGrainObserver observer)
    {
        var number = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var id = GrainId.Create(Kind, $"{Client}+{number}");
        _queues[id] = new(observer, capacity, scheduler, log);
        return id;
    }

    public void Remove(GrainId id) => _queues.TryRemove(id, out _);

    /// <summary>Gives a call to its observer, or answers that it is gone.</summary>
    public void Deliver(GrainCall call)
    {
        if (_queues.TryGetValue(call.Target, out var queue) && queue.TryAdd(call)) return;
        _queues.TryRemove(call.Target, out _);
        call.Fail(new ClientNotAvailableException($"{call}: the observer was deleted or is no longer in use"));
    }
}
