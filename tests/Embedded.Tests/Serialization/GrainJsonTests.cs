using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Serialization;
using Notebook.Embedded.Tests.Grains;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Serialization;

public sealed class GrainJsonTests : HostlessReferences
{
    [Fact]
    public void Cases_of_a_closed_hierarchy_come_back_as_what_they_were()
    {
        var json = NewJson();
        var text = Encoding.UTF8.GetString(json.Write<Shape>(new Shape.Circle(1.5)));
        Assert.Equal("""{"$type":"tests.shape.circle","Radius":1.5}""", text);
        Assert.Equal(new Shape.Circle(1.5), json.Read<Shape>(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(new Shape.None(), json.Read<Shape>(json.Write<Shape>(new Shape.None())));
    }

    [Fact]
    public void An_unknown_case_is_an_error() =>
        Assert.Throws<JsonException>(() => NewJson().Read<Shape>("""{"$type":"tests.shape.square"}"""u8));

    [Fact]
    public void What_is_worked_out_is_not_written() =>
        Assert.Equal("""{"Value":"abc"}""", Encoding.UTF8.GetString(NewJson().Write(new ThingId("abc"))));

    [Fact]
    public void Ids_are_written_as_the_serializer_would_write_any_struct()
    {
        ThingId[] ids = [new("a\"b\u00e9<"), new(""), default];
        foreach (var id in ids)
        {
            Assert.Equal(id.Value is null ? "{}" : JsonSerializer.Serialize(new { id.Value }), Encoding.UTF8.GetString(NewJson().Write(id)));
            Assert.Equal(id, RoundTrip(id));
        }

        Assert.Equal(new ThingId("a"), NewJson().Read<ThingId>("""{"New":{"Value":"b"},"Value":"a","Newer":[1]}"""u8));
        Assert.Throws<JsonException>(() => NewJson().Read<ThingId>("\"a\""u8));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.1)]
    public void Numbers_of_all_kinds_travel(double number) => Assert.Equal(number, RoundTrip(number));

    [Fact]
    public void Arrays_that_were_never_set_stay_so()
    {
        Assert.True(RoundTrip(default(ImmutableArray<int>)).IsDefault);
        Assert.Equal([1, 2], RoundTrip<ImmutableArray<int>>([1, 2]).AsEnumerable());
        Assert.Equal([1, 2], RoundTrip<ImmutableArray<byte>>([1, 2]).AsEnumerable());
        Assert.Empty(RoundTrip<ImmutableArray<string>>([]));
    }

    [Fact]
    public void Times_keep_their_precision()
    {
        var now = new DateTimeOffset(2026, 11, 21, 15, 0, 0, 123, 456, TimeSpan.FromHours(2)).AddTicks(7);
        Assert.Equal(now, RoundTrip(now));
        Assert.Equal(TimeSpan.FromTicks(123456789), RoundTrip(TimeSpan.FromTicks(123456789)));
    }

    [Fact]
    public void References_travel_by_id()
    {
        var reference = (IProbeGrain)MakeReference(GrainId.Create("probe", "key/with/slashes and spaces"), typeof(IProbeGrain));
        var read = RoundTrip(reference);
        Assert.Equal(reference, read);
        Assert.Equal("key/with/slashes and spaces", read!.GetPrimaryKeyString());
    }

    private GrainJson NewJson() => new(this, name => name == "tests.IProbeGrain" ? typeof(IProbeGrain) : null);

    private T? RoundTrip<T>(T value)
    {
        var json = NewJson();
        return json.Read<T>(json.Write(value));
    }
}

/// <summary>References without a host behind them.</summary>
public abstract class HostlessReferences : IReferenceRuntime
{
    void IReferenceRuntime.Send(GrainCall call) => throw new NotSupportedException();

    object IReferenceRuntime.MakeReference(GrainId id, Type interfaceType) => MakeReference(id, interfaceType);

    private protected object MakeReference(GrainId id, Type interfaceType) => References.Make(this, interfaceType, id);
}
