using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Replicas;

public class CellMetadataTests
{
    private static string With(string metadata, IReadOnlyList<int>? devices = null) =>
        Encoding.UTF8.GetString(CellMetadata.With(Encoding.UTF8.GetBytes(metadata), 7, devices));

    [Theory]
    [InlineData("{}", """{"notebook":{"execution":7}}""")]
    [InlineData(" { } ", """ { "notebook":{"execution":7}}""")]
    [InlineData("""{"cellId":"a}"}""", """{"cellId":"a}","notebook":{"execution":7}}""")]
    public void Our_key_is_added_at_the_end(string metadata, string expected) => Assert.Equal(expected, With(metadata));

    [Fact]
    public void A_client_cannot_set_our_key()
    {
        using var json = JsonDocument.Parse(With("""{"notebook":{"devices":[0,1,2,3]}}""", [2]));
        Assert.Equal("""{"execution":7,"devices":[2]}""", json.RootElement.GetProperty("notebook").GetRawText());   // the last one
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{}{}")]
    [InlineData("""{"a":1,}""")]
    public void Anything_but_an_object_is_refused(string metadata) => Assert.ThrowsAny<JsonException>(() => With(metadata));
}

public class CellSettlementTests
{
    private readonly CellSettlement _settlement = new();

    private static JupyterFrame Reply(string parent, string content) => new()
    { Channel = Channel.Shell, MessageType = "execute_reply", ParentId = parent, Content = ByteString.CopyFromUtf8(content) };

    private static JupyterFrame Status(string parent, string state) => new()
    {
        Channel = Channel.Iopub,
        MessageType = "status",
        ParentId = parent,
        Content = ByteString.CopyFromUtf8($$"""{"execution_state":"{{state}}"}"""),
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reply_and_idle_leave_together_in_this_order(bool idleFirst)
    {
        var (reply, idle) = (Reply("m", """{"status":"ok"}"""), Status("m", "idle"));
        Assert.True(_settlement.TryHold("m", idleFirst ? idle : reply));
        _settlement.Secure();
        Assert.False(_settlement.IsComplete);
        Assert.True(_settlement.TryHold("m", idleFirst ? reply : idle));
        Assert.True(_settlement.IsComplete);
        var (frames, phase, _) = _settlement.Release();
        Assert.Equal([reply, idle], frames);
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, phase);
    }

    [Fact]
    public void A_reply_does_not_leave_before_what_it_promises_is_safe()
    {
        _settlement.TryHold("m", Reply("m", "{}"));
        _settlement.TryHold("m", Status("m", "idle"));
        Assert.False(_settlement.IsComplete || _settlement.CanRelease);
        _settlement.Secure();
        Assert.True(_settlement.IsComplete && _settlement.CanRelease);
        _settlement.Release();
        Assert.False(_settlement.CanRelease);   // the next cell's has to be secured anew
    }

    [Fact]
    public void What_the_notebook_set_counts_with_the_cell_s_change_and_for_this_cell_alone()
    {
        Assert.Null(_settlement.CellDefault);
        _settlement.Secure(null, new CellDefault { Request = new() { Gpus = 2 } });
        Assert.Equal(2, _settlement.CellDefault!.Request.Gpus);
        _settlement.Drop();
        Assert.Null(_settlement.CellDefault);
    }

    [Fact]
    public void An_ok_that_promises_too_much_becomes_an_error_that_says_so()
    {
        var reply = Reply("m", """{"status":"ok","execution_count":3,"payload":[],"user_expressions":{"a":1}}""");
        reply.Header = ByteString.CopyFromUtf8("""{"msg_id":"r","msg_type":"execute_reply","session":"s","username":"u","date":"d"}""");
        reply.ParentHeader = ByteString.CopyFromUtf8("""{"msg_id":"m"}""");
        var idle = Status("m", "idle");
        _settlement.TryHold("m", reply);
        _settlement.TryHold("m", idle);
        _settlement.Secure("7 bytes are not safe");
        var (frames, phase, reason) = _settlement.Release();
        Assert.Equal((ExecutionPhase.ExecutionFailed, "NotDurable"), (phase, reason));
        Assert.Equal([(Channel.Iopub, "error"), (Channel.Shell, "execute_reply"), (Channel.Iopub, "status")], frames.Select(f => (f.Channel, f.MessageType)));
        Assert.Equal(("m", reply.ParentHeader, "r_not_durable"), (frames[0].ParentId, frames[0].ParentHeader, frames[0].MessageId));
        Assert.Equal("s", MessageContent.Text(frames[0].Header.Span, "session"u8));
        foreach (var frame in frames.Take(2))
        {
            Assert.Equal("NotDurable", MessageContent.Text(frame.Content.Span, "ename"u8));
            Assert.Equal("7 bytes are not safe", MessageContent.Text(frame.Content.Span, "evalue"u8));
        }

        using var told = JsonDocument.Parse(frames[1].Content.Memory);
        Assert.Equal(
            ("error", 3, 1),
            (told.RootElement.GetProperty("status").GetString(), told.RootElement.GetProperty("execution_count").GetInt32(),
                told.RootElement.GetProperty("user_expressions").GetProperty("a").GetInt32()));
    }

    [Fact]
    public void A_cell_that_failed_keeps_its_own_error_when_its_values_are_not_safe_either()
    {
        var reply = Reply("m", """{"status":"error","ename":"ValueError"}""");
        reply.Header = ByteString.CopyFromUtf8("""{"msg_id":"r","session":"s"}""");
        _settlement.TryHold("m", reply);
        _settlement.Secure("7 bytes are not safe");
        var (frames, _, reason) = _settlement.Release();
        Assert.Equal("ValueError", reason);
        Assert.Equal(["error", "execute_reply"], frames.Select(f => f.MessageType));
        Assert.Equal(reply, frames[1]);
    }

    [Fact]
    public void Other_messages_pass()
    {
        Assert.False(_settlement.TryHold("m", Reply("other", "{}")));
        Assert.False(_settlement.TryHold("m", Status("m", "busy")));
        Assert.False(_settlement.TryHold("m", Status("other", "idle")));
    }

    [Theory]
    [InlineData("""{"status":"error","ename":"ValueError"}""", "ValueError")]
    [InlineData("""{"status":"aborted"}""", "aborted")]
    [InlineData("no json", "no status")]
    public void Anything_but_ok_is_a_failure(string content, string reason)
    {
        _settlement.TryHold("m", Reply("m", content));
        var (_, phase, found) = _settlement.Release();
        Assert.Equal((ExecutionPhase.ExecutionFailed, reason), (phase, found));
    }
}

public class BoundedMemoryTests
{
    [Fact]
    public void The_oldest_is_forgotten_first()
    {
        var memory = new BoundedMemory<int>(3);
        for (var n = 0; n < 5; n++) memory.Remember($"{n}", n);
        memory.Remember("2", 22);
        Assert.False(memory.TryRecall("1", out _));
        Assert.True(memory.TryRecall("2", out var value));
        Assert.Equal((22, 3), (value, memory.Count));
    }
}
