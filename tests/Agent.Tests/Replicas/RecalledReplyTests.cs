using System.Text;
using System.Text.Json.Nodes;
using Notebook.Agent.Replicas;
using Notebook.Agent.State;

namespace Notebook.Agent.Tests.Replicas;

public sealed class RecalledReplyTests
{
    [Fact]
    public void The_reply_is_as_the_process_gave_it()
    {
        var reply = """{"status":"ok","execution_count":4,"payload":[]}""";
        var frame = RecalledReply.Of(Cell(reply), "server-1", isDurable: false);
        Assert.Equal(("m", "execute_reply", reply), (frame.ParentId, frame.MessageType, frame.Content.ToStringUtf8()));
        Assert.StartsWith("[notebook] the kernel process on server server-1 was lost just when this cell had ended.", frame.Notice, StringComparison.Ordinal);
        Assert.Contains("Outputs of its last moments may be missing.", frame.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_notice_has_the_error_since_its_output_may_be_missing()
    {
        var frame = RecalledReply.Of(Cell("""{"status":"error","ename":"ValueError","evalue":"no"}"""), "s", isDurable: false);
        Assert.EndsWith("It ended with ValueError: no", frame.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_that_counts_and_whose_reply_nobody_has_is_told_so()
    {
        var frame = RecalledReply.Of(Cell(""), "s", isDurable: false);
        var content = JsonNode.Parse(frame.Content.Span)!;
        Assert.Equal(("error", RecalledReply.Unknown, 7), ((string?)content["status"], (string?)content["ename"], (int?)content["execution_count"]));
        Assert.Contains("What it changed is kept", (string?)content["evalue"], StringComparison.Ordinal);
    }

    [Fact]
    public void An_ok_that_would_promise_large_values_is_none()
    {
        var large = Cell("""{"status":"ok","execution_count":4}""") with { LargeBytes = 100_000 };
        var content = JsonNode.Parse(RecalledReply.Of(large, "s", isDurable: true).Content.Span)!;
        Assert.Equal(("error", NotDurable.Name, 4), ((string?)content["status"], (string?)content["ename"], (int?)content["execution_count"]));
        Assert.Contains("100000 bytes", (string?)content["evalue"], StringComparison.Ordinal);
        Assert.Contains("\"ok\"", RecalledReply.Of(large, "s", isDurable: false).Content.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Contains("\"ok\"", RecalledReply.Of(large with { LargeBytes = 0 }, "s", isDurable: true).Content.ToStringUtf8(), StringComparison.Ordinal);
    }

    private static EndedCell Cell(string reply) => new(7, "m", 0, Encoding.UTF8.GetBytes(reply));
}
