using System.Text.Json.Nodes;

namespace Notebook.Acceptance.Tests.Conformance;

public sealed partial class ConformanceTests
{
    [Theory, MemberData(nameof(Circumstances))]
    public async Task Opening_a_comm_of_no_known_target_closes_it(Circumstance circumstance)
    {
        var id = Guid.NewGuid().ToString("N");
        var opened = await In(circumstance).AskAsync(
            "shell", "comm_open", new JsonObject { ["comm_id"] = id, ["target_name"] = "no.such.target", ["data"] = new JsonObject() }, replies: 0);

        Assert.Equal(id, opened.Output("comm_close").Text("comm_id"));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_message_for_no_known_comm_is_passed_over(Circumstance circumstance)
    {
        var content = new JsonObject { ["comm_id"] = "nowhere", ["data"] = new JsonObject() };
        Assert.DoesNotContain("comm_msg", (await In(circumstance).AskAsync("shell", "comm_msg", content, replies: 0)).Types);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_comm_that_a_cell_opens_talks_both_ways_with_buffers_until_it_is_closed(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        var made = await conversation.RunAsync(
            """
            from ipykernel.comm import Comm
            def answer(message):
                talk.send({'twice': message['content']['data']['n'] * 2}, buffers=[bytes(b)[::-1] for b in message['buffers']])
            talk = Comm(target_name='test.talk', data={'hello': 1}, metadata={'m': 2})
            talk.on_msg(answer)
            """);
        var open = made.Output("comm_open");
        var id = open.Text("comm_id");
        Assert.Equal("test.talk", open.Text("target_name"));
        Assert.Equal(1, open.Content["data"]!["hello"]!.GetValue<int>());

        var info = (await conversation.AskAsync("shell", "comm_info_request", new JsonObject { ["target_name"] = "test.talk" })).Reply.Content["comms"]!;
        Assert.Equal("test.talk", info[id]!["target_name"]!.ToString());

        var asked = await conversation.AskAsync(
            "shell", "comm_msg", new JsonObject { ["comm_id"] = id, ["data"] = new JsonObject { ["n"] = 21 } }, replies: 0, buffers: new byte[] { 1, 2, 3 });
        var answer = asked.Output("comm_msg");
        Assert.Equal((id, 42), (answer.Text("comm_id"), answer.Content["data"]!["twice"]!.GetValue<int>()));
        Assert.Equal([3, 2, 1], Assert.Single(answer.Raw.Buffers).ToArray());

        Assert.Equal(id, (await conversation.RunAsync("talk.close()")).Output("comm_close").Text("comm_id"));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_client_opens_a_comm_of_a_registered_target(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        await conversation.RunAsync(
            """
            heard = []
            def opened(comm, message):
                heard.append(message['content']['data'])
                comm.send({'welcome': True})
            get_ipython().kernel.comm_manager.register_target('test.registered', opened)
            """);
        var id = Guid.NewGuid().ToString("N");
        var open = await conversation.AskAsync(
            "shell", "comm_open", new JsonObject { ["comm_id"] = id, ["target_name"] = "test.registered", ["data"] = new JsonObject { ["x"] = 1 } }, replies: 0);

        Assert.Equal(id, open.Output("comm_msg").Text("comm_id"));
        Assert.Equal("[{'x': 1}]", (await conversation.RunAsync("heard")).Result);
        await conversation.AskAsync("shell", "comm_close", new JsonObject { ["comm_id"] = id, ["data"] = new JsonObject() }, replies: 0);
        var left = (await conversation.AskAsync("shell", "comm_info_request", new JsonObject { ["target_name"] = "test.registered" })).Reply.Content["comms"]!;
        Assert.Empty(left.AsObject());
    }
}
