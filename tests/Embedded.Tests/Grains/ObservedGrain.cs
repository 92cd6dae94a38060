using System.Threading.Channels;
using Orleans;
using Orleans.Concurrency;

namespace Notebook.Embedded.Tests.Grains;

[Alias("tests.IProbeObserver")]
public interface IProbeObserver : IGrainObserver
{
    [OneWay, Alias("Heard")]
    Task Heard(string what);

    [Alias("Ask")]
    Task<string> Ask(string what);
}

[Alias("tests.IObservedGrain")]
public interface IObservedGrain : IGrainWithStringKey
{
    [Alias("Subscribe")]
    Task Subscribe(IProbeObserver observer);

    /// <summary>Tells all that subscribed.</summary>
    [Alias("Publish")]
    Task Publish(string what);

    /// <summary>Asks the last that subscribed.</summary>
    [Alias("Ask")]
    Task<string> Ask(string what);

    /// <summary>How many different observers subscribed.</summary>
    [Alias("Count")]
    Task<int> Count();
}

public sealed class ObservedGrain : Grain, IObservedGrain
{
    private readonly HashSet<IProbeObserver> _observers = [];
    private IProbeObserver? _last;

    public Task Subscribe(IProbeObserver observer)
    {
        _observers.Add(observer);
        _last = observer;
        return Task.CompletedTask;
    }

    public async Task Publish(string what)
    {
        foreach (var observer in _observers) await observer.Heard(what);
    }

    public Task<string> Ask(string what) => _last!.Ask(what);

    public Task<int> Count() => Task.FromResult(_observers.Count);
}

/// <summary>Keeps what it hears.</summary>
public sealed class Listener : IProbeObserver
{
    private readonly Channel<string> _heard = Channel.CreateBounded<string>(10_000);

    public Task<string> Next() => _heard.Reader.ReadAsync().AsTask();

    public Task Heard(string what)
    {
        _heard.Writer.TryWrite(what);
        return Task.CompletedTask;
    }

    public Task<string> Ask(string what) => Task.FromResult($"you asked {what}");
}
