using System.Collections.Immutable;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans.Storage;

namespace Notebook.Embedded.Tests.Contract;

public abstract class StateContract(GrainHostFixture host)
{
    private static Drawing Sample => new(
        "sample", [new Shape.Circle(2.5), new Shape.None()],
        ImmutableDictionary<string, ThingId>.Empty.Add("a", new("thing")), new ThingId("owner"));

    [Fact]
    public async Task State_survives_the_activation()
    {
        var grain = host.Grain<IStateGrain>();
        Assert.Null(await grain.Read());
        Assert.Equal(1, await grain.Write(Sample));
        var before = await grain.Activation();
        await grain.Deactivate();
        AssertSample(await grain.Read().Within("the next activation"));
        Assert.NotEqual(before, await grain.Activation());
        Assert.Equal(2, await grain.Write(Sample));
    }

    [Fact]
    public async Task State_survives_the_host()
    {
        var key = host.Fresh("kept");
        await host.Grain<IStateGrain>(key).Write(Sample);
        await host.RestartAsync();
        AssertSample(await host.Grain<IStateGrain>(key).Read());
    }

    [Fact]
    public async Task A_write_based_on_an_old_version_is_refused()
    {
        var grain = host.Grain<IStateGrain>();
        await grain.Write(Sample);
        var before = await grain.Activation();
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.WriteStale(Sample with { Name = "newer" }));

        // The activation with the stale state is gone.
        Assert.Equal("newer", (await grain.Read().Within("the next activation"))!.Name);
        Assert.NotEqual(before, await grain.Activation());
    }

    [Fact]
    public async Task Cleared_state_is_gone()
    {
        var grain = host.Grain<IStateGrain>();
        await grain.Write(Sample);
        await grain.Clear();
        Assert.Null(await grain.Read());
        await grain.Deactivate();
        Assert.Null(await grain.Read().Within("the next activation"));
        Assert.Equal(1, await grain.Write(Sample));
    }

    private static void AssertSample(Drawing? drawing)
    {
        Assert.NotNull(drawing);
        Assert.Equal(Sample.Shapes.AsEnumerable(), drawing.Shapes);
        Assert.Equal(Sample.Things, drawing.Things);
        Assert.Equal(Sample.Owner, drawing.Owner);
    }
}
