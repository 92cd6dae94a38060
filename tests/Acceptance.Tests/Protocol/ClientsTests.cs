using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>Who gets which message.</summary>
public class ClientsTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task Outputs_go_to_every_client_and_replies_to_the_one_that_asked()
    {
        var (kernel, asker) = await OpenAsync();
        var watcher = await ConnectAsync(kernel);
        await watcher.AskAsync("shell", "kernel_info_request");

        var cell = await asker.ExecuteAsync("print('for all')");
        await watcher.WaitAsync("the idle status of the other's cell", m => m.Parent.MessageId == cell.MessageId && m.IsStatus("idle"));
        // A message of the watcher's own after it: were a reply on its way to the watcher, it would have come before this one.
        await watcher.AskAsync("shell", "kernel_info_request");

        var seen = watcher.Received.Where(m => m.Parent.MessageId == cell.MessageId).ToArray();
        Assert.All(seen, m => Assert.Equal("iopub", m.Channel));
        Assert.Equal(
            cell.Messages.Where(m => m.Channel == "iopub").Select(m => m.Header.MessageId),
            seen.Select(m => m.Header.MessageId));
    }

    [Fact]
    public async Task Input_is_asked_of_the_client_that_runs_the_cell()
    {
        var (kernel, asker) = await OpenAsync();
        var watcher = await ConnectAsync(kernel);
        await watcher.AskAsync("shell", "kernel_info_request");

        var running = await asker.SubmitAsync("print('got', input('name? '))", allowStdin: true);
        var question = await asker.WaitAsync("the input_request", m => m.Channel == "stdin" && m.Type == "input_request");
        await asker.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = "bob" });
        var cell = await asker.EndOfAsync(running);
        await watcher.WaitAsync("the idle status of the other's cell", m => m.Parent.MessageId == running && m.IsStatus("idle"));

        Assert.Equal("name? ", question.Text("prompt"));
        Assert.Equal("got bob\n", cell.Stdout);
        Assert.DoesNotContain(watcher.Received, m => m.Channel == "stdin");
    }

    [Fact]
    public async Task All_messages_of_a_kernel_carry_one_session_and_their_own_ids()
    {
        var (_, session) = await OpenAsync();
        await session.ExecuteAsync("print('one')");
        await session.AskAsync("control", "kernel_info_request");
        await session.ExecuteAsync("2");

        Assert.Single(session.Received.Select(m => m.Header.Session).Distinct());
        Assert.Equal(session.Received.Count, session.Received.Select(m => m.Header.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task A_kernel_answers_questions_while_a_cell_runs()
    {
        var (kernel, session) = await OpenAsync();
        var running = await session.SubmitAsync("print('asleep', flush=True)\nimport time; time.sleep(100)");
        await session.OutputOfAsync(running, "asleep");

        var info = await session.AskAsync("control", "kernel_info_request");
        await Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/interrupt", "{}");

        Assert.Equal("ok", info.Text("status"));
        await session.EndOfAsync(running);
    }
}
