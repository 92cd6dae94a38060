using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;

namespace Notebook.Embedded.Tests.Grains;

/// <summary>Shows how calls mix. Methods named Hold signal <c>entered:NAME</c>, and wait for the signal <c>go:NAME</c>.</summary>
[Alias("tests.IProbeGrain")]
public interface IProbeGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<string> Echo(string text);

    /// <summary>Yields many times, and counts how many such calls are inside at once.</summary>
    [Alias("Overlap")]
    Task<int> Overlap(int yields);

    [Alias("Hold")]
    Task<string> Hold(string name);

    [ReadOnly, Alias("HoldReading")]
    Task<string> HoldReading(string name);

    [AlwaysInterleave, Alias("HoldAside")]
    Task<string> HoldAside(string name);

    [ResponseTimeout("00:00:02"), Alias("HoldShortly")]
    Task HoldShortly(string name);

    [OneWay, Alias("Tell")]
    Task Tell(string name);

    [OneWay, Alias("TellBadly")]
    Task TellBadly(string name);

    [AlwaysInterleave, Alias("Activation")]
    Task<Guid> Activation();

    [Alias("Fail")]
    Task Fail(string message);

    [Alias("FailAtOnce")]
    Task FailAtOnce(string message);

    [Alias("Deactivate")]
    Task Deactivate();

    [Alias("Cancellable")]
    Task<string> Cancellable(string name, CancellationToken cancellation);

    [Alias("ContextValue")]
    Task<string?> ContextValue(string key);

    [Alias("ContextValueOf")]
    Task<string?> ContextValueOf(IProbeGrain next, string key);

    /// <summary>Calls another grain, which calls back.</summary>
    [ResponseTimeout("00:00:05"), Alias("CallBack")]
    Task<string> CallBack(IProbeGrain other, bool reentrant);

    [ResponseTimeout("00:00:04"), Alias("EchoFor")]
    Task<string> EchoFor(IProbeGrain caller, string text);

    [Alias("Add")]
    ValueTask<int> Add(ImmutableArray<int> numbers);

    [Alias("StaysOnItsTurn")]
    Task<bool> StaysOnItsTurn();
}

[Alias("tests.IReentrantGrain")]
public interface IReentrantGrain : IGrainWithStringKey
{
    [Alias("Hold")]
    Task<string> Hold(string name);
}

/// <summary>Fails to become active until <c>heal:KEY</c> is raised.</summary>
[Alias("tests.IFragileGrain")]
public interface IFragileGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<string> Echo(string text);
}
