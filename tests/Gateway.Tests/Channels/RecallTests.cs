using Notebook.JupyterWire.WebSockets;
using Channel = Notebook.Links.Protocol.Channel;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>A page that is loaded anew, in a session of its own, asks what the cells of the page before it have said.</summary>
public sealed class RecallTests : GatewayTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_gets_what_a_running_cell_has_said_and_then_the_rest_with_the_reply(bool oldPageStays)
    {
        var kernel = Gateway.RunningKernel();
        var old = await Gateway.ConnectAsync(kernel, session: "old");
        var id = await old.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "execute_input", cell, """{"code":"1","execution_count":7}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"early"}""");
        await old.UntilAsync("stream", "early");
        if (!oldPageStays)
        {
            old.Drop();
            await WaitForConnectionsAsync(kernel, 0);
        }

        await using var page = await Gateway.ConnectAsync(kernel, session: "new");
        await page.SendAsync(SocketChannel.Shell, "recall_request", $$"""{"msg_ids":["{{id}}","unknown"]}""");
        var reply = await page.UntilAsync("recall_reply");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"late"}""");
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok","execution_count":7}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"idle"}""");

        var recalled = Assert.Single(reply.Content.GetProperty("cells").EnumerateArray());
        Assert.Equal(id, recalled.GetProperty("msg_id").GetString());
        Assert.False(recalled.GetProperty("finished").GetBoolean());
        Assert.Equal(0, recalled.GetProperty("left_out").GetInt64());
        var messages = recalled.GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal(["execute_input", "stream"], messages.Select(m => m.GetProperty("msg_type").GetString()));
        Assert.All(messages, m => Assert.Equal(id, m.GetProperty("parent_header").GetProperty("msg_id").GetString()));
        Assert.Equal("early", messages[1].GetProperty("content").GetProperty("text").GetString());

        var rest = await page.UntilIdleAsync(id);
        Assert.Equal(["stream", "execute_reply", "status"], rest.Where(r => r.ParentId == id).Select(r => r.Type));
        if (oldPageStays) Assert.Single(await old.UntilIdleAsync(id), r => r.Type == "execute_reply");
    }

    [Fact]
    public async Task Finished_cells_are_recalled_whole_all_or_those_asked_for_and_asking_shows_nobody_else_anything()
    {
        var kernel = Gateway.RunningKernel();
        await using var other = await Gateway.ConnectAsync(kernel, session: "other");
        var ids = new List<string>();
        for (var count = 1; count <= 2; count++)
        {
            ids.Add(await other.ExecuteAsync());
            var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
            Agent.Say(Replica(kernel), Channel.Iopub, "execute_input", cell, $$"""{"code":"1","execution_count":{{count}}}""");
            Agent.Answer(Replica(kernel), cell);
            await other.UntilIdleAsync(ids[^1]);
        }

        await using var page = await Gateway.ConnectAsync(kernel, session: "new");
        Assert.Equal(ids, await RecalledAsync("{}"));
        Assert.Equal([ids[1]], await RecalledAsync($$"""{"msg_ids":["{{ids[1]}}"]}"""));

        async Task<IEnumerable<string?>> RecalledAsync(string content)
        {
            var asked = await page.SendAsync(SocketChannel.Shell, "recall_request", content);
            var cells = (await page.UntilAsync("recall_reply")).Content.GetProperty("cells").EnumerateArray().ToArray();
            Assert.All(await other.UntilIdleAsync(asked), r => Assert.Equal("status", r.Type));
            Assert.All(cells, cell => Assert.True(cell.GetProperty("finished").GetBoolean()));
            return cells.Select(cell => cell.GetProperty("msg_id").GetString());
        }
    }

    [Fact]
    public async Task Whoever_asks_twice_or_runs_the_cell_itself_has_its_reply_once()
    {
        var kernel = Gateway.RunningKernel();
        await using var runs = await Gateway.ConnectAsync(kernel, session: "runs");
        var id = await runs.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "execute_input", cell, """{"code":"1","execution_count":1}""");
        await runs.UntilAsync("execute_input");

        await using var page = await Gateway.ConnectAsync(kernel, session: "new");
        foreach (var client in new[] { runs, page, page })
        {
            await client.SendAsync(SocketChannel.Shell, "recall_request");
            await client.UntilAsync("recall_reply");
        }

        Agent.Answer(Replica(kernel), cell);
        foreach (var client in new[] { runs, page })
            Assert.Single(await client.UntilIdleAsync(id), r => r.Type == "execute_reply");
    }
}
