using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Corpus;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>Debuggers and subshells.</summary>
public class DebuggerTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int GpusOfServer = 8;   // of the common platform
    private const string Code = "x = [1]\nx.append(2)\nprint(x)";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [RequiresModuleFact("debugpy", "python3-debugpy")]
    public async Task A_debugger_stops_a_cell_and_its_client_is_told_when_the_executor_is_another()
    {
        await using var gates = await ServerGates.MakeAsync(Platform, GpusOfServer);
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("y = 1", s_limit, ServerGates.Wanting(1));
        var first = (await Platform.StatusAsync()).Executor(kernel)!.Server;
        await DebugAsync(session);

        await gates.NextAsync();
        var cell = await session.ExecuteAsync(Code, s_limit, ServerGates.Wanting(1));   // it stops nowhere: the breakpoint is not there
        Assert.Equal("[1, 2]\n", cell.Stdout);
        Assert.NotEqual(first, (await Platform.StatusAsync()).Executor(kernel)!.Server);
        await session.WaitAsync("word that debugging ended", m => IsEvent(m, "terminated"), s_limit);
        Assert.False((await AskAsync(session, "debugInfo"))["body"]!["isStarted"]!.GetValue<bool>());

        await DebugAsync(session);   // again, where it is now
        Assert.Single(session.Received, m => IsEvent(m, "terminated"));
    }

    [Theory]
    [InlineData("create_subshell_request")]
    [InlineData("delete_subshell_request")]
    [InlineData("list_subshell_request")]
    public async Task What_the_kernel_does_not_know_makes_it_busy_and_idle_and_has_no_reply(string type)
    {
        var (_, session) = await OpenAsync();
        var info = await session.AskAsync("shell", "kernel_info_request", limit: s_limit);
        if (info.Content["supported_features"]?.AsArray().Any(f => f!.GetValue<string>() == "kernel subshells") == true) return;   // it does

        var asked = await session.SendAsync("control", type, new JsonObject { ["subshell_id"] = "none" });
        await session.WaitAsync("idle", m => m.Parent.MessageId == asked && m.IsStatus("idle"), s_limit);
        await session.AskAsync("control", "kernel_info_request", limit: s_limit);
        Assert.Equal(["busy", "idle"], session.Received.Where(m => m.Parent.MessageId == asked).Select(m => m.Text("execution_state")));
    }

    /// <summary>Attaches, stops a cell at its second line, looks, and lets it go on.</summary>
    private static async Task DebugAsync(KernelSession session)
    {
        await AskAsync(session, "initialize", new JsonObject
        {
            ["clientID"] = "rig",
            ["adapterID"] = "",
            ["pathFormat"] = "path",
            ["linesStartAt1"] = true,
            ["columnsStartAt1"] = true,
        });
        await AskAsync(session, "attach");
        var path = (await AskAsync(session, "dumpCell", new JsonObject { ["code"] = Code }))["body"]!["sourcePath"]!.GetValue<string>();
        await AskAsync(session, "setBreakpoints", new JsonObject
        {
            ["source"] = new JsonObject { ["path"] = path },
            ["breakpoints"] = new JsonArray(new JsonObject { ["line"] = 2 }),
            ["sourceModified"] = false,
        });
        await AskAsync(session, "configurationDone");

        var seen = session.Received.Count;
        var cell = await session.SubmitAsync(Code);
        await session.WaitAsync("the cell stops", m => IsEvent(m, "stopped") && session.Received.Skip(seen).Contains(m), s_limit);
        var thread = session.Received.Last(m => IsEvent(m, "stopped")).Content["body"]!["threadId"]!.GetValue<int>();
        var trace = await AskAsync(session, "stackTrace", new JsonObject { ["threadId"] = thread });
        Assert.Equal(2, trace["body"]!["stackFrames"]![0]!["line"]!.GetValue<int>());
        var variables = (await AskAsync(session, "inspectVariables"))["body"]!["variables"]!.AsArray();
        Assert.Contains(variables, v => v!["name"]!.GetValue<string>() == "x" && v["value"]!.GetValue<string>() == "[1]");
        await AskAsync(session, "continue", new JsonObject { ["threadId"] = thread });
        Assert.Equal("[1, 2]\n", (await session.EndOfAsync(cell, s_limit)).Stdout);
    }

    private static async Task<JsonObject> AskAsync(KernelSession session, string command, JsonObject? arguments = null)
    {
        var reply = await session.AskAsync("control", "debug_request", new JsonObject
        {
            ["type"] = "request",
            ["seq"] = 1,
            ["command"] = command,
            ["arguments"] = arguments ?? [],
        }, s_limit);
        Assert.True(reply.Content["success"]?.GetValue<bool>(), $"{command}: {reply.Content.ToJsonString()}");
        return reply.Content;
    }

    private static bool IsEvent(ClientMessage message, string name) => message.Type == "debug_event" && message.Text("event") == name;
}
