namespace Notebook.Grains.Kernels;

/// <summary>Who wants to hear of a kernel: each for two minutes after its last word. A subscriber that fails is dropped.</summary>
internal sealed class Subscribers(TimeProvider time)
{
    /// <summary>How long a subscription lasts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>How many there may be; the one that is closest to its end makes room.</summary>
    public const int Capacity = 64;

    private readonly Dictionary<IKernelObserver, (DateTimeOffset Ending, int Connections)> _all = [];

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>How many clients the kernel has by them.</summary>
    public int Connections
    {
        get
        {
            var now = time.GetUtcNow();
            return _all.Values.Where(s => s.Ending > now).Sum(s => s.Connections);
        }
    }

    /// <summary>Adds a subscriber, or lengthens its subscription.</summary>
    /// <param name="observer">Who.</param>
    /// <param name="connections">How many clients the kernel has there.</param>
    public void Add(IKernelObserver observer, int connections)
    {
        _all[observer] = (time.GetUtcNow() + Lifetime, Math.Max(0, connections));
        if (_all.Count > Capacity) _all.Remove(_all.MinBy(e => e.Value.Ending).Key);
    }

    /// <summary>Ends a subscription.</summary>
    public void Remove(IKernelObserver observer) => _all.Remove(observer);

    /// <summary>Tells all of them; does not wait for anybody.</summary>
    public void Tell(Func<IKernelObserver, Task> message)
    {
        if (_all.Count == 0) return;
        var now = time.GetUtcNow();
        foreach (var (observer, (ending, _)) in _all.ToArray())
        {
            if (ending <= now) _all.Remove(observer);
            else _ = TellAsync(observer, message);
        }
    }

    private async Task TellAsync(IKernelObserver observer, Func<IKernelObserver, Task> message)
    {
        try
        {
            await message(observer);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or IOException or InvalidOperationException)
        {
            _all.Remove(observer);   // it subscribes again when it is well
        }
    }
}
