using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Grains;

/// <summary>A closed set of cases, as our outcomes are.</summary>
[GenerateSerializer, Immutable, Alias("tests.shape")]
public abstract record Shape
{
    [GenerateSerializer, Immutable, Alias("tests.shape.circle")]
    public sealed record Circle([property: Id(0)] double Radius) : Shape;

    [GenerateSerializer, Immutable, Alias("tests.shape.none")]
    public sealed record None : Shape;
}

/// <summary>An id with one value.</summary>
[GenerateSerializer, Immutable, Alias("tests.thing-id")]
public readonly record struct ThingId([property: Id(0)] string Value)
{
    public int Length => Value.Length;
}

[GenerateSerializer, Immutable, Alias("tests.drawing")]
public sealed record Drawing(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<Shape> Shapes,
    [property: Id(2)] ImmutableDictionary<string, ThingId> Things,
    [property: Id(3)] ThingId? Owner);

[GenerateSerializer, Alias("tests.drawing-state")]
public sealed class DrawingState
{
    [Id(0)]
    public Drawing? Drawing { get; set; }

    [Id(1)]
    public int Writes { get; set; }
}

[Alias("tests.IStateGrain")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("Write")]
    Task<int> Write(Drawing drawing);

    [Alias("Read")]
    Task<Drawing?> Read();

    [Alias("Clear")]
    Task Clear();

    /// <summary>Writes through a second copy of the state, so that the first is stale; then writes the first.</summary>
    [Alias("WriteStale")]
    Task WriteStale(Drawing drawing);

    [Alias("Deactivate")]
    Task Deactivate();

    [AlwaysInterleave, Alias("Activation")]
    Task<Guid> Activation();
}

public sealed class StateGrain(
    [PersistentState("drawing", "store")] IPersistentState<DrawingState> state,
    [PersistentState("drawing", "store")] IPersistentState<DrawingState> copy) : Grain, IStateGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public async Task<int> Write(Drawing drawing)
    {
        state.State.Drawing = drawing;
        state.State.Writes++;
        await state.WriteStateAsync();
        return state.State.Writes;
    }

    public Task<Drawing?> Read() => Task.FromResult(state.State.Drawing);

    public Task Clear() => state.ClearStateAsync();

    public async Task WriteStale(Drawing drawing)
    {
        await copy.ReadStateAsync();
        copy.State.Drawing = drawing;
        await copy.WriteStateAsync();
        await state.WriteStateAsync();
    }

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<Guid> Activation() => Task.FromResult(_activation);
}
