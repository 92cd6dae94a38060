using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Virtual;

/// <summary>A grain of which many tick, write and call each other at the same moments, so that their order is chance.</summary>
[Alias("tests.ITickerGrain")]
public interface ITickerGrain : IGrainWithIntegerKey
{
    [Alias("Begin")]
    Task Begin(int peers);

    [Alias("Poke")]
    Task<int> Poke(long from);

    [Alias("Leave")]
    Task Leave();
}

/// <summary>Where tickers write down what they do.</summary>
public sealed class TickerLog
{
    public List<string> Lines { get; } = [];

    /// <summary>What work on another thread waits for.</summary>
    public ManualResetEventSlim Gate { get; } = new();
}

[GenerateSerializer, Alias("tests.ticks")]
public sealed record Ticks
{
    [Id(0)]
    public int Count { get; init; }
}

public sealed class TickerGrain([PersistentState("ticks")] IPersistentState<Ticks> state, TickerLog log, TimeProvider time) : Grain, ITickerGrain
{
    private int _peers;
    private int _poked;

    private long Id => this.GetPrimaryKeyLong();

    public Task Begin(int peers)
    {
        _peers = peers;
        this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { Interleave = true, KeepAlive = true });
        log.Lines.Add($"{Id} begins with {state.State.Count}");
        return Task.CompletedTask;
    }

    public Task<int> Poke(long from)
    {
        log.Lines.Add($"{Id} is poked by {from}");
        return Task.FromResult(++_poked);
    }

    public async Task Leave()
    {
        await Task.Run(log.Gate.Wait);
        log.Lines.Add("came back");
    }

    private async Task TickAsync()
    {
        state.State = state.State with { Count = state.State.Count + 1 };
        await state.WriteStateAsync();
        var others = Enumerable.Range(0, _peers).Where(peer => peer != Id).Select(peer => GrainFactory.GetGrain<ITickerGrain>(peer).Poke(Id));
        var sum = (await Task.WhenAll(others)).Sum();
        log.Lines.Add($"{time.GetUtcNow():mm:ss.fff} {Id} ticked {state.State.Count}, {sum}");
    }
}
