using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Grains;

public sealed class ProbeGrain : Grain, IProbeGrain
{
    private readonly Guid _activation = Guid.NewGuid();
    private int _inside;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Signals.Raise($"activated:{this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Raise($"deactivated:{this.GetPrimaryKeyString()}:{reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<string> Echo(string text) => Task.FromResult(text);

    public async Task<int> Overlap(int yields)
    {
        var most = ++_inside;
        for (var i = 0; i < yields; i++)
        {
            await Task.Yield();
            most = Math.Max(most, _inside);
        }

        _inside--;
        return most;
    }

    public Task<string> Hold(string name) => HoldUntil(name);

    public Task<string> HoldReading(string name) => HoldUntil(name);

    public Task<string> HoldAside(string name) => HoldUntil(name);

    public Task HoldShortly(string name) => HoldUntil(name);

    public async Task Tell(string name)
    {
        await Signals.Raised($"go:{name}");
        Signals.Raise($"told:{name}");
    }

    public Task TellBadly(string name)
    {
        Signals.Raise($"told:{name}");
        throw new InvalidOperationException("nobody hears this");
    }

    public Task<Guid> Activation() => Task.FromResult(_activation);

    public async Task Fail(string message)
    {
        await Task.Yield();
        throw new ProbeFailedException(message);
    }

    public Task FailAtOnce(string message) => throw new InvalidOperationException(message);

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<string> Cancellable(string name, CancellationToken cancellation)
    {
        Signals.Raise($"entered:{name}");
        try
        {
            await Signals.Raised($"go:{name}").WaitAsync(cancellation);
            return name;
        }
        catch (OperationCanceledException)
        {
            Signals.Raise($"cancelled:{name}");
            throw;
        }
    }

    public Task<string?> ContextValue(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public async Task<string?> ContextValueOf(IProbeGrain next, string key)
    {
        await Task.Yield();
        return await next.ContextValue(key);
    }

    public async Task<string> CallBack(IProbeGrain other, bool reentrant)
    {
        using var section = reentrant ? RequestContext.AllowCallChainReentrancy() : RequestContext.SuppressCallChainReentrancy();
        return await other.EchoFor(this.AsReference<IProbeGrain>(), "called back");
    }

    public Task<string> EchoFor(IProbeGrain caller, string text) => caller.Echo(text);

    public ValueTask<int> Add(ImmutableArray<int> numbers) => new(numbers.Sum());

    public async Task<bool> StaysOnItsTurn()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        await Task.Run(() => { });
        return ReferenceEquals(scheduler, TaskScheduler.Current) && !ReferenceEquals(scheduler, TaskScheduler.Default);
    }

    internal static async Task<string> HoldUntil(string name)
    {
        Signals.Raise($"entered:{name}");
        await Signals.Raised($"go:{name}");
        return name;
    }
}

[Reentrant]
public sealed class ReentrantGrain : Grain, IReentrantGrain
{
    public Task<string> Hold(string name) => ProbeGrain.HoldUntil(name);
}

public sealed class FragileGrain : Grain, IFragileGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        Signals.HasBeenRaised($"heal:{this.GetPrimaryKeyString()}") ? Task.CompletedTask : throw new ProbeFailedException("not yet");

    public Task<string> Echo(string text) => Task.FromResult(text);
}

/// <summary>An exception of our own that travels.</summary>
[GenerateSerializer]
public sealed class ProbeFailedException : Exception
{
    public ProbeFailedException(string message) : base(message)
    {
    }
}
