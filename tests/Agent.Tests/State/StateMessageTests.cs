using System.Text;
using Google.Protobuf;
using Notebook.Agent.State;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Tests.State;

public sealed class StateMessageTests
{
    private static readonly byte[] s_blob = [1, 2, 3];
    private static readonly string s_name = ObjectHash.Of(s_blob).ToString();

    [Fact]
    public void A_change_is_read_with_its_blobs()
    {
        var message = StateMessage.Read(Frame($$"""{"sequence":7,"empty":false,"lost":{"g":"no"},"blobs":["{{s_name}}"]}""", [9], s_blob));
        Assert.Null(message.Error);
        Assert.Equal((7L, false, s_name), (message.Sequence, message.IsEmpty, Assert.Single(message.Blobs).Ref.Hash.ToString()));
        Assert.Equal([9], message.Inline.ToArray());
        Assert.Equal("no", message.Lost["g"]);
    }

    [Fact]
    public void What_the_notebook_set_is_read_and_that_it_set_nothing()
    {
        var set = StateMessage.Read(Frame("""{"sequence":7,"empty":true,"blobs":[],"cell_default":{"gpus":2,"vram":16.5,"cpus":4000,"memory":1024}}"""));
        Assert.Equal(new CellDefault { Request = new() { Gpus = 2, GpuMemoryGb = 16.5, MilliCpus = 4000, MemoryMb = 1024 } }, set.CellDefault);

        Assert.Equal(new CellDefault(), StateMessage.Read(Frame("""{"sequence":7,"empty":true,"blobs":[]}""")).CellDefault);
        Assert.Null(StateMessage.Read(Frame("""{"error":"TypeError: it broke"}""")).CellDefault);
    }

    [Theory]
    [InlineData("-1", "0", "0", "0")]
    [InlineData("1025", "0", "0", "0")]
    [InlineData("1.5", "0", "0", "0")]
    [InlineData("1", "-1", "0", "0")]
    [InlineData("1", "1e999", "0", "0")]
    [InlineData("1", "0", "99999999999", "0")]
    [InlineData("1", "0", "0", "-1")]
    [InlineData("1", "0", "0", "null")]
    public void What_no_cell_can_get_is_a_fault_of_the_process(string gpus, string vram, string cpus, string memory)
    {
        var content = $$$"""{"sequence":7,"empty":true,"blobs":[],"cell_default":{"gpus":{{{gpus}}},"vram":{{{vram}}},"cpus":{{{cpus}}},"memory":{{{memory}}}}}""";

        Assert.Contains("malformed", StateMessage.Read(Frame(content)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Blobs_that_come_ahead_are_read_by_themselves()
    {
        var message = StateMessage.ReadBlobs(Frame($$"""{"blobs":["{{s_name}}"]}""", s_blob));
        Assert.Null(message.Error);
        Assert.Equal(s_name, Assert.Single(message.Blobs).Ref.Hash.ToString());
    }

    [Theory]
    [InlineData("""{"sequence":1,"empty":false,"blobs":["00"],"lost":{}}""")]   // another name
    [InlineData("""{"sequence":1,"empty":false,"blobs":[],"lost":{}}""")]       // no name
    [InlineData("""{"sequence":1}""")]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("""{"error":"TypeError: it broke"}""")]
    [InlineData("""{"sequence":7,"empty":true,"blobs":[],"cell_default":2}""")]
    public void What_is_wrong_is_said(string content)
    {
        Assert.NotNull(StateMessage.Read(Frame(content, [9], s_blob)).Error);
        if (!content.Contains("TypeError", StringComparison.Ordinal)) Assert.NotNull(StateMessage.ReadBlobs(Frame(content, s_blob)).Error);
    }

    private static JupyterFrame Frame(string content, params byte[][] buffers)
    {
        var frame = new JupyterFrame { Content = ByteString.CopyFromUtf8(content) };
        frame.Buffers.Add(buffers.Select(ByteString.CopyFrom));
        return frame;
    }

    [Theory]
    [InlineData("""{"sequence": 1, "empty": false, "blobs": [], "reply": "{\"status\":\"ok\"}"}""", """{"status":"ok"}""")]
    [InlineData("""{"sequence": 1, "empty": false, "blobs": [], "reply": null}""", "")]
    [InlineData("""{"sequence": 1, "empty": false, "blobs": []}""", "")]
    public void It_may_have_the_cells_reply(string content, string reply)
    {
        var message = StateMessage.Read(Encoding.UTF8.GetBytes(content), ["inline"u8.ToArray()]);
        Assert.Null(message.Error);
        Assert.Equal(reply, Encoding.UTF8.GetString(message.Reply.Span));
    }

    [Fact]
    public void A_reply_that_is_too_long_for_the_log_is_left_out_and_one_that_is_none_is_an_error()
    {
        var longest = $$"""{"sequence": 1, "empty": false, "blobs": [], "reply": "{\"a\":\"{{new string('x', EndedCell.MaxReplyBytes)}}\"}"}""";
        Assert.True(StateMessage.Read(Encoding.UTF8.GetBytes(longest), []) is { Error: null, Reply.IsEmpty: true });
        Assert.NotNull(StateMessage.Read("""{"sequence": 1, "empty": false, "blobs": [], "reply": "3"}"""u8, []).Error);
        Assert.NotNull(StateMessage.Read("""{"sequence": 1, "empty": false, "blobs": [], "reply": "{"}"""u8, []).Error);
    }
}
