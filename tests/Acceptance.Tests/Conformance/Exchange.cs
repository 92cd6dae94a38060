using System.Text;
using System.Text.Json.Nodes;
using Notebook.JupyterWire;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Conformance;

/// <summary>A request and everything that named it as its parent until its reply and its <c>idle</c>.</summary>
internal sealed class Exchange(string channel, JupyterMessage request, IReadOnlyList<ClientMessage> messages)
{
    public IReadOnlyList<ClientMessage> Messages => messages;

    /// <summary>What came on the channel of the request; an error where it is not one message.</summary>
    public ClientMessage Reply => Assert.Single(messages, m => m.Channel == channel);

    /// <summary>The iopub messages between <c>busy</c> and <c>idle</c>.</summary>
    public IReadOnlyList<ClientMessage> Outputs => [.. messages.Where(m => m.Channel == "iopub" && m.Type != "status")];

    public string Status => Reply.Text("status");

    /// <summary>The types of the outputs, in order.</summary>
    public IEnumerable<string> Types => Outputs.Select(m => m.Type);

    public ClientMessage Output(string type) => Assert.Single(Outputs, m => m.Type == type);

    /// <summary>All text of a stream.</summary>
    public string Stream(string name) => string.Concat(Outputs.Where(m => m.Type == "stream" && m.Text("name") == name).Select(m => m.Text("text")));

    /// <summary>The plain text of the result.</summary>
    public string Result => Output("execute_result").Content["data"]!["text/plain"]!.ToString();

    public int Count => Reply.Content["execution_count"]!.GetValue<int>();

    /// <summary>What holds for every request of every type.</summary>
    /// <param name="replies">How many replies there are to be.</param>
    public void Check(int replies)
    {
        Assert.Equal(replies, messages.Count(m => m.Channel == channel));
        var states = messages.Where(m => m.Channel == "iopub" && m.Type == "status").Select(m => m.Text("execution_state")).ToArray();
        Assert.Equal(["busy", "idle"], states);
        var iopub = messages.Where(m => m.Channel == "iopub").ToArray();
        Assert.True(iopub[0].IsStatus("busy") && iopub[^1].IsStatus("idle"), string.Join('\n', iopub.AsEnumerable()));
        var parent = JsonNode.Parse(request.Header.Span)!;
        foreach (var message in messages)
        {
            var header = JsonNode.Parse(message.Raw.Header.Span)!;
            Assert.True(JsonNode.DeepEquals(parent, JsonNode.Parse(message.Raw.ParentHeader.Span)), $"its parent is {Encoding.UTF8.GetString(message.Raw.ParentHeader.Span)}");
            Assert.StartsWith("5.", header["version"]!.ToString(), StringComparison.Ordinal);
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", header["date"]!.ToString());
            Assert.NotEqual("", header["username"]!.ToString());
        }
    }
}
