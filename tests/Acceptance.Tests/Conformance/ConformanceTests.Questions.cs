using System.Text.Json.Nodes;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Conformance;

public sealed partial class ConformanceTests
{
    [Theory, MemberData(nameof(Circumstances))]
    public async Task Kernel_info_is_answered_on_shell_and_on_control(Circumstance circumstance)
    {
        foreach (var channel in new[] { "shell", "control" })
        {
            var info = (await In(circumstance).AskAsync(channel, "kernel_info_request")).Reply;
            Assert.Equal("kernel_info_reply", info.Type);
            Assert.Equal("ok", info.Text("status"));
            Assert.StartsWith("5.", info.Text("protocol_version"), StringComparison.Ordinal);
            Assert.Equal("python", info.Content["language_info"]!["name"]!.ToString());
            Assert.Equal(".py", info.Content["language_info"]!["file_extension"]!.ToString());
            Assert.NotEqual("", info.Text("banner"));
        }
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Complete_knows_the_last_cells_names_and_counts_in_code_points(Circumstance circumstance)
    {
        await In(circumstance).RunAsync("completable_name = 1");
        var reply = (await In(circumstance).AskAsync(
            "shell", "complete_request", new JsonObject { ["code"] = "𝐚𝐚=1; completable", ["cursor_pos"] = 17 })).Reply.Content;

        Assert.Equal("ok", reply["status"]!.ToString());
        Assert.Equal(["completable_name"], reply["matches"]!.AsArray().Select(m => m!.ToString()));
        Assert.Equal((6, 17), (reply["cursor_start"]!.GetValue<int>(), reply["cursor_end"]!.GetValue<int>()));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Inspect_knows_the_last_cells_names(Circumstance circumstance)
    {
        await In(circumstance).RunAsync("def inspectable():\n    'its documentation'\n    return 77001");
        foreach (var (level, text) in new[] { (0, "its documentation"), (1, "77001") })
        {
            var reply = (await In(circumstance).AskAsync(
                "shell", "inspect_request", new JsonObject { ["code"] = "inspectable", ["cursor_pos"] = 5, ["detail_level"] = level })).Reply.Content;
            Assert.True(reply["found"]!.GetValue<bool>());
            Assert.Contains(text, reply["data"]!["text/plain"]!.ToString(), StringComparison.Ordinal);
        }

        var unknown = (await In(circumstance).AskAsync(
            "shell", "inspect_request", new JsonObject { ["code"] = "no_such", ["cursor_pos"] = 5, ["detail_level"] = 0 })).Reply.Content;
        Assert.Equal("ok", unknown["status"]!.ToString());
        Assert.False(unknown["found"]!.GetValue<bool>());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Is_complete_tells_the_three_kinds_of_code(Circumstance circumstance)
    {
        foreach (var (code, status) in new[] { ("1", "complete"), ("for i in x:", "incomplete"), ("import = 7q", "invalid") })
        {
            var reply = (await In(circumstance).AskAsync("shell", "is_complete_request", new JsonObject { ["code"] = code })).Reply.Content;
            Assert.Equal(status, reply["status"]!.ToString());
            if (status == "incomplete") Assert.Equal("    ", reply["indent"]!.ToString());
        }
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task History_is_one_history_by_every_way_of_asking(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        var first = await conversation.RunAsync("'remembered one'");
        await conversation.RunAsync("'remembered two'");

        var tail = await HistoryAsync(new() { ["hist_access_type"] = "tail", ["n"] = 2 });
        Assert.Equal(["'remembered one'", "'remembered two'"], tail.Select(line => line[2]!.ToString()));
        Assert.Equal([first.Count, first.Count + 1], tail.Select(line => line[1]!.GetValue<int>()));
        var session = Assert.Single(tail.Select(line => line[0]!.GetValue<int>()).Distinct());

        var range = await HistoryAsync(new() { ["hist_access_type"] = "range", ["session"] = 0, ["start"] = first.Count, ["stop"] = first.Count + 1 });
        Assert.Equal("'remembered one'", Assert.Single(range)[2]!.ToString());

        var search = await HistoryAsync(new() { ["hist_access_type"] = "search", ["pattern"] = "'remembered*", ["n"] = 10, ["unique"] = true });
        Assert.Equal(["'remembered one'", "'remembered two'"], search.Select(line => line[2]!.ToString()));
        Assert.All(search, line => Assert.Equal(session, line[0]!.GetValue<int>()));

        var both = await HistoryAsync(new() { ["hist_access_type"] = "tail", ["n"] = 1, ["output"] = true });
        Assert.Equal("'remembered two'", Assert.Single(both)[2]![0]!.ToString());

        async Task<IReadOnlyList<JsonArray>> HistoryAsync(JsonObject content)
        {
            content["raw"] = true;
            content["output"] ??= false;
            var reply = (await conversation.AskAsync("shell", "history_request", content)).Reply.Content;
            Assert.Equal("ok", reply["status"]!.ToString());
            return [.. reply["history"]!.AsArray().Select(line => line!.AsArray())];
        }
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Connect_names_the_gateways_ports_not_a_replicas(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        var reply = (await conversation.AskAsync("shell", "connect_request")).Reply.Content;
        var (status, opened) = await conversation.Api.SendAsync(HttpMethod.Get, $"api/kernels/{conversation.Kernel}/connect");

        Assert.Equal("ok", reply["status"]!.ToString());
        Assert.Equal(200, status);
        foreach (var port in new[] { "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port" })
            Assert.Equal(opened![port]!.GetValue<int>(), reply[port]!.GetValue<int>());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_request_of_no_known_type_is_passed_on_and_not_answered(Circumstance circumstance)
    {
        Assert.Empty((await In(circumstance).AskAsync("shell", "bogus_request", replies: 0)).Outputs);
        Assert.Empty((await In(circumstance).AskAsync("control", "create_subshell_request", replies: 0)).Outputs);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Usage_tells_no_replicas_host_or_process(Circumstance circumstance)
    {
        var reply = (await In(circumstance).AskAsync("control", "usage_request")).Reply.Content;
        Assert.NotNull(reply["kernel_memory"]);
        Assert.NotNull(reply["cpu_count"]);
        var process = (await In(circumstance).RunAsync("__import__('os').getpid()")).Result;
        Assert.NotEqual(process, reply["pid"]?.ToString());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Requests_on_one_channel_are_answered_in_their_order(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        await conversation.RunAsync("1");
        var sent = new List<string>();
        for (var i = 0; i < 20; i++)
            sent.Add(await conversation.SendAsync("shell", "is_complete_request", new JsonObject { ["code"] = $"{i}" }));

        await conversation.WaitAsync("the last reply", m => m.Parent.MessageId == sent[^1] && m.Channel == "shell");
        Assert.Equal(sent, conversation.Received.Where(m => m.Channel == "shell" && sent.Contains(m.Parent.MessageId)).Select(m => m.Parent.MessageId));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task An_interrupt_message_ends_the_running_cell(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        await conversation.RunAsync("1");
        var cell = await conversation.SendAsync("shell", "execute_request", Requests.Execute("print('sleeps', flush=True)\nimport time; time.sleep(600)"));
        await conversation.WaitAsync("the cell sleeps", m => m.Parent.MessageId == cell && m.Type == "stream");

        var reply = await conversation.SendAsync("control", "interrupt_request", []);

        Assert.Equal("KeyboardInterrupt", (await conversation.EndOfAsync(cell)).ErrorName);
        await conversation.WaitAsync("the interrupt_reply", m => m.Parent.MessageId == reply && m.Type == "interrupt_reply");
        conversation.CheckAll();
    }
}
