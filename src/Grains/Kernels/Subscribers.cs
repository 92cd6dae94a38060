namespace Notebook.Grains.Kernels;

/// <summary>Who wants to hear of a kernel: each for two minutes after its last word. A subscriber that fails is dropped.</summary>
internal sealed class Subscribers(TimeProvider time)
{
    /// <summary>How long a subscription lasts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>How many there may be; the one that is closest to its end makes room.</summary>
    public const int Capacity = 64;

    private readonly Dictionary<IKernelObserver, DateTimeOffset> _endings = [];

    /// <summary>How many there are.</summary>
    public int Count => _endings.Count;

    /// <summary>Adds a subscriber, or lengthens its subscription.</summary>
    public void Add(IKernelObserver observer)
    {
        _endings[observer] = time.GetUtcNow() + Lifetime;
        if (_endings.Count > Capacity) _endings.Remove(_endings.MinBy(e => e.Value).Key);
    }

    /// <summary>Ends a subscription.</summary>
    public void Remove(IKernelObserver observer) => _endings.Remove(observer);

    /// <summary>Tells all of them; does not wait for anybody.</summary>
    public void Tell(Func<IKernelObserver, Task> message)
    {
        if (_endings.Count == 0) return;
        var now = time.GetUtcNow();
        foreach (var (observer, ending) in _endings.ToArray())
        {
            if (ending <= now) _endings.Remove(observer);
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
            _endings.Remove(observer);   // it subscribes again when it is well
        }
    }
}
