using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Corpus;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>Comms, widgets and displays under an id, for clients that are not to notice which server has them.</summary>
public class WidgetTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int GpusOfServer = 8;   // of the common platform
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private const string Target = """
        heard = []
        def opened(comm, message):
            def hear(message):
                heard.append(message['content']['data'])
                comm.send({'heard': heard})
            comm.on_msg(hear)
        get_ipython().kernel.comm_manager.register_target('ours', opened)
        """;

    [RequiresModuleFact("ipywidgets", "python3-ipywidgets")]
    public async Task Widgets_go_on_at_the_next_executor_and_its_clients_are_told_nothing_of_it()
    {
        await using var gates = await ServerGates.MakeAsync(Platform, GpusOfServer);
        var (kernel, session) = await OpenAsync();
        var made = await session.ExecuteAsync(
            """
            import ipywidgets as w
            from IPython.display import display
            slider, bar = w.IntSlider(value=1), w.IntProgress(max=10)
            slider.observe(lambda change: print('moved to', change['new']), names='value')
            def f(x): print('f of', x)
            w.interact(f, x=(0, 10, 2))
            shown = display('first', display_id='d1')
            slider.model_id, bar.model_id, w.__version__
            """, s_limit, ServerGates.Wanting(1));
        Assert.Equal("ok", made.Status);
        var words = made.Result!.Split('\'');
        var (slider, bar, isOld) = (words[1], words[3], words[5].StartsWith("6.", StringComparison.Ordinal));
        var first = (await Platform.StatusAsync()).Executor(kernel)!.Server;
        var before = await CommsAsync(session);

        Assert.Equal("moved to 5\n", await MoveAsync(session, slider, 5, isOld));
        await gates.NextAsync();
        var cell = await session.ExecuteAsync("slider.value, type(shown).__name__", s_limit, ServerGates.Wanting(1));
        Assert.Equal("(5, 'DisplayHandle')", cell.Result);   // no cell came between the move of the slider and that of the kernel
        Assert.NotEqual(first, (await Platform.StatusAsync()).Executor(kernel)!.Server);

        cell = await session.ExecuteAsync("bar.value = 7\nshown.update('second')", s_limit);
        var update = Assert.Single(cell.Messages, m => m.Type == "update_display_data");
        Assert.Equal("d1", update.Content["transient"]!["display_id"]!.GetValue<string>());
        var told = Assert.Single(cell.Messages, m => m.Type == "comm_msg");
        Assert.Equal((bar, 7), (told.Text("comm_id"), told.Content["data"]!["state"]!["value"]!.GetValue<int>()));
        Assert.Equal("moved to 8\n", await MoveAsync(session, slider, 8, isOld));
        var interactive = made.Messages.Single(m => IsOpen(m, "IntSliderModel") && m.Text("comm_id") != slider).Text("comm_id");
        Assert.Equal("f of 2\n", await MoveAsync(session, interactive, 2, isOld));
        Assert.Equal(before, await CommsAsync(session));
        Assert.DoesNotContain(session.Received, m => m.Type == "comm_close" || m.IsStatus("restarting"));
        Assert.Single(session.Received.Select(m => m.Header.Session).Distinct());
        Assert.DoesNotContain(session.Received.Skip(made.Messages.Count), m => m.Type == "comm_open");
    }

    [Fact]
    public async Task A_comm_goes_on_when_its_process_is_lost_and_one_of_a_lost_cell_is_closed()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync(Target);
        await session.SendAsync("shell", "comm_open", Comm("kept", new JsonObject(), "ours"));
        await AnswerAsync(session, "kept", "one");
        var status = await Platform.StatusAsync("an executor", s => s.Executor(kernel) is { Pid: > 0 });
        var running = await session.SubmitAsync("""
            from ipykernel.comm import Comm
            Comm(target_name='client', data={})
            print('begun', flush=True)
            import time; time.sleep(100)
            """);
        await session.OutputOfAsync(running, "begun");

        Processes.KillNine(status.Executor(kernel)!.Pid);
        var cell = await session.EndOfAsync(running, s_limit);
        var opened = Assert.Single(cell.Messages, m => m.Type == "comm_open").Text("comm_id");
        Assert.Equal(opened, Assert.Single(cell.Messages, m => m.Type == "comm_close").Text("comm_id"));

        Assert.Equal("""{"heard":["one","two"]}""", await AnswerAsync(session, "kept", "two"));
        var asked = await session.SendAsync("shell", "comm_msg", Comm(opened, "anyone?"));
        await session.WaitAsync("word that it is closed", m => m.Parent.MessageId == asked && m.Type == "comm_close");
        Assert.Equal("['one', 'two']", (await session.ExecuteAsync("heard", s_limit)).Result);
    }

    /// <summary>What is printed when a person moves a slider.</summary>
    private static async Task<string> MoveAsync(KernelSession session, string model, int value, bool isOld)
    {
        var state = new JsonObject { ["value"] = value };
        JsonObject data = isOld
            ? new() { ["method"] = "backbone", ["sync_data"] = state }
            : new() { ["method"] = "update", ["state"] = state, ["buffer_paths"] = new JsonArray() };
        var moved = await session.SendAsync("shell", "comm_msg", Comm(model, data));
        await session.WaitAsync("the end of the slider's move", m => m.Parent.MessageId == moved && m.IsStatus("idle"), s_limit);
        return string.Concat(session.Received.Where(m => m.Parent.MessageId == moved && m.Type == "stream").Select(m => m.Text("text")));
    }

    private static bool IsOpen(ClientMessage message, string model) =>
        message.Type == "comm_open" && message.Content.ToJsonString().Contains($"\"{model}\"", StringComparison.Ordinal);

    private static async Task<string> AnswerAsync(KernelSession session, string comm, string data)
    {
        var sent = await session.SendAsync("shell", "comm_msg", Comm(comm, data));
        var answer = await session.WaitAsync("the comm's answer", m => m.Parent.MessageId == sent && m.Type == "comm_msg", s_limit);
        return answer.Content["data"]!.ToJsonString();
    }

    private static async Task<string> CommsAsync(KernelSession session)
    {
        var reply = await session.AskAsync("shell", "comm_info_request", new JsonObject());
        return string.Join(' ', reply.Content["comms"]!.AsObject().Select(comm => comm.Key).Order(StringComparer.Ordinal));
    }

    private static JsonObject Comm(string id, JsonNode data, string? target = null)
    {
        var content = new JsonObject { ["comm_id"] = id, ["data"] = data };
        if (target is not null) content["target_name"] = target;
        return content;
    }
}
