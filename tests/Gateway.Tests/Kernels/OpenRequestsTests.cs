using System.Text;
using Google.Protobuf;
using Notebook.Gateway.Kernels;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Tests.Kernels;

public sealed class OpenRequestsTests
{
    private readonly OpenRequests _open = new(limit: 3);
    private readonly ReplicaRoute _one = new(null!, "kernel/1", null!);
    private readonly ReplicaRoute _other = new(null!, "kernel/2", null!);

    [Fact]
    public void Who_was_told_busy_is_told_idle_once_by_its_replica()
    {
        Assert.True(Hear("a", "busy", _one));
        Assert.True(Hear("a", "idle", _one));
        Assert.Empty(TakeOf(_one));
    }

    [Fact]
    public void Or_once_by_the_gateway_and_then_not_by_its_replica_that_comes_late()
    {
        Hear("a", "busy", _one);
        Assert.Equal("a", TakeOf(_one));
        Assert.Empty(TakeOf(_one));
        Assert.False(Hear("a", "idle", _one));
    }

    [Fact]
    public void What_is_asked_again_after_the_gateway_ended_it_ends_by_its_replica()
    {
        Hear("a", "busy", _one);
        TakeOf(_one);
        Hear("a", "busy", _other);
        Assert.True(Hear("a", "idle", _other));
    }

    [Fact]
    public void What_another_replica_works_on_is_not_over_nor_what_will_get_an_answer()
    {
        Hear("a", "busy", _one);
        Hear("b", "busy", _other);
        Hear("c", "busy", _one);
        Assert.Equal("a", TakeOf(_one, awaited: "c"));
        Assert.True(Hear("b", "idle", _other));
        Assert.True(Hear("c", "idle", _one));
    }

    [Fact]
    public void What_ends_otherwise_is_not_told_again()
    {
        Hear("a", "busy", _one);
        _open.Remove("a");
        Assert.Empty(TakeOf(_one));
    }

    [Fact]
    public void An_idle_whose_busy_an_earlier_gateway_heard_goes_to_clients()
    {
        Assert.True(Hear("a", "idle", _one));
        Assert.True(_open.Hear(new JupyterFrame { Channel = Channel.Shell, MessageType = "execute_reply", ParentId = "a" }, _one));
    }

    [Fact]
    public void The_oldest_are_forgotten()
    {
        foreach (var id in "abcd") Hear($"{id}", "busy", _one);
        Assert.Equal("b c d", TakeOf(_one));
    }

    private bool Hear(string id, string state, ReplicaRoute route) => _open.Hear(
        new JupyterFrame
        {
            Channel = Channel.Iopub,
            MessageType = "status",
            ParentId = id,
            ParentHeader = ByteString.CopyFromUtf8(id),
            Content = ByteString.CopyFromUtf8($$"""{"execution_state": "{{state}}"}"""),
        },
        route);

    private string TakeOf(ReplicaRoute route, string awaited = "") =>
        string.Join(' ', _open.TakeOf(route, id => id == awaited).Select(header => Encoding.UTF8.GetString(header.Span)));
}
