using Google.Protobuf;
using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Replicas;

public sealed class ProcessTiesTests
{
    private readonly ProcessTies _ties = new();

    [Fact]
    public void Comms_tie_from_the_first_that_opens_until_the_last_is_closed_whoever_does_it()
    {
        Assert.Null(_ties.Reason);
        Assert.True(Note("comm_open", """{"target_name":"jupyter.widget","data":{"comm_id":"x"},"comm_id":"a"}"""));
        Assert.False(Note("comm_open", """{"comm_id":"b"}"""));
        Assert.False(Note("comm_open", """{"comm_id":"b"}"""));
        Assert.Equal("comms are open", _ties.Reason);
        Assert.False(Note("comm_close", """{"comm_id":"a"}"""));
        Assert.False(Note("comm_close", """{"comm_id":"unknown"}"""));
        Assert.True(Note("comm_close", """{"comm_id":"b"}"""));
        Assert.Null(_ties.Reason);
    }

    [Fact]
    public void A_debugger_ties_from_attach_to_disconnect()
    {
        Assert.False(Note("debug_request", """{"seq":1,"type":"request","command":"debugInfo"}"""));
        Assert.True(Note("debug_request", """{"seq":2,"type":"request","command":"attach"}"""));
        Assert.Equal("a debugger is attached", _ties.Reason);
        Assert.False(Note("debug_request", """{"seq":3,"command":"variables"}"""));
        Assert.True(Note("debug_request", """{"seq":4,"command":"disconnect"}"""));
        Assert.Null(_ties.Reason);
    }

    [Theory]
    [InlineData("comm_open", "")]
    [InlineData("comm_open", "[]")]
    [InlineData("comm_open", """{"comm_id":5}""")]
    [InlineData("comm_msg", """{"comm_id":"a"}""")]
    [InlineData("debug_request", """{"command":["attach"]}""")]
    [InlineData("execute_input", """{"code":"attach"}""")]
    public void Other_messages_and_malformed_ones_tie_nothing(string type, string content)
    {
        Assert.False(Note(type, content));
        Assert.Null(_ties.Reason);
    }

    [Fact]
    public void They_end_with_the_process()
    {
        Note("comm_open", """{"comm_id":"a"}""");
        Note("debug_request", """{"command":"attach"}""");
        _ties.Clear();
        Assert.Null(_ties.Reason);
    }

    [Fact]
    public void More_comms_than_are_told_apart_count_as_open_until_the_process_ends()
    {
        for (var n = 0; n <= ProcessTies.MaxComms; n++) Note("comm_open", $$"""{"comm_id":"{{n}}"}""");
        for (var n = 0; n <= ProcessTies.MaxComms; n++) Note("comm_close", $$"""{"comm_id":"{{n}}"}""");
        Assert.NotNull(_ties.Reason);
        _ties.Clear();
        Assert.Null(_ties.Reason);
    }

    private bool Note(string type, string content) => _ties.Note(new JupyterFrame { MessageType = type, Content = ByteString.CopyFromUtf8(content) });
}
