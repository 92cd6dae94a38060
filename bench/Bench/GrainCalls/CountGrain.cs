using System.Diagnostics;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Bench.GrainCalls;

/// <summary>Counts.</summary>
[Alias("bench.ICountGrain")]
public interface ICountGrain : IGrainWithStringKey
{
    /// <summary>In memory.</summary>
    [Alias("Next")]
    Task<int> Next();

    /// <summary>And writes it down.</summary>
    [Alias("Write")]
    Task<int> Write();

    /// <summary>Calls another grain this often; how long that took.</summary>
    [Alias("CallOther"), ResponseTimeout("00:05:00")]
    Task<TimeSpan> CallOther(int times);
}

/// <inheritdoc/>
public sealed class CountGrain([PersistentState("count")] IPersistentState<CountState> state) : Grain, ICountGrain
{
    /// <inheritdoc/>
    public Task<int> Next() => Task.FromResult(++state.State.Count);

    /// <inheritdoc/>
    public async Task<int> Write()
    {
        state.State.Count++;
        await state.WriteStateAsync();
        return state.State.Count;
    }

    /// <inheritdoc/>
    public async Task<TimeSpan> CallOther(int times)
    {
        var other = GrainFactory.GetGrain<ICountGrain>("other");
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++) await other.Next();
        return Stopwatch.GetElapsedTime(start);
    }
}

/// <summary>What is written down.</summary>
public sealed class CountState
{
    /// <summary>The count.</summary>
    public int Count { get; set; }
}
