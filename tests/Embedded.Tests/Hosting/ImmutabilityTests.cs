using System.Collections.Immutable;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Tests.Grains;
using Orleans;

namespace Notebook.Embedded.Tests.Hosting;

public sealed class ImmutabilityTests
{
    [Theory]
    [InlineData(typeof(string))]
    [InlineData(typeof(int?))]
    [InlineData(typeof(DateTimeOffset))]
    [InlineData(typeof(Drawing))]
    [InlineData(typeof(Shape))]
    [InlineData(typeof(ThingId))]
    [InlineData(typeof(IProbeGrain))]
    [InlineData(typeof(ImmutableDictionary<string, ImmutableArray<Shape>>))]
    [InlineData(typeof((int, string)))]
    [InlineData(typeof(Tree))]
    public void These_cannot_be_changed(Type type) => Assert.Null(Immutability.Fault(type));

    [Theory]
    [InlineData(typeof(byte[]), "array")]
    [InlineData(typeof(List<int>), "List")]
    [InlineData(typeof(IReadOnlyList<int>), "interface")]
    [InlineData(typeof(object), "anything")]
    [InlineData(typeof(Action), "anything")]
    [InlineData(typeof(DrawingState), "Drawing can be set")]
    [InlineData(typeof(Unsealed), "not sealed")]
    [InlineData(typeof(ImmutableArray<List<int>>), "List")]
    [InlineData(typeof(Hidden), "Hidden.Items")]
    public void These_can(Type type, string because) => Assert.Contains(because, Immutability.Fault(type), StringComparison.Ordinal);

    [Fact]
    public void The_refusal_names_method_parameter_and_type()
    {
        var refusal = Assert.Throws<NotSupportedException>(() => Immutability.Check([typeof(IMutableGrain<int>)]));
        Assert.StartsWith("IMutableGrain`1.Take: parameter numbers could be changed after it is passed: List", refusal.Message, StringComparison.Ordinal);
    }

    public record Unsealed(int Value);

    public sealed record Hidden(List<int> Items);

    public sealed record Tree(ImmutableArray<Tree> Children);
}

/// <summary>Generic, so that no host takes it for one of its own.</summary>
public interface IMutableGrain<T> : IGrainWithStringKey
{
    Task Take(List<int> numbers);
}
