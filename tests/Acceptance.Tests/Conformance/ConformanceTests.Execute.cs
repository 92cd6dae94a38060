using System.Text.Json.Nodes;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Conformance;

public sealed partial class ConformanceTests
{
    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execute_gives_the_code_back_then_outputs_then_the_result(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync($"print('said'){Conversation.Middle}6 * 7");

        Assert.Equal("ok", cell.Status);
        Assert.Equal("execute_input", cell.Types.First());
        Assert.Equal("execute_result", cell.Types.Last());
        Assert.Contains("print('said')", cell.Output("execute_input").Text("code"), StringComparison.Ordinal);
        Assert.Equal(cell.Count, cell.Output("execute_input").Content["execution_count"]!.GetValue<int>());
        Assert.Equal(cell.Count, cell.Output("execute_result").Content["execution_count"]!.GetValue<int>());
        Assert.Equal("said\n", cell.Stream("stdout"));
        Assert.Equal("42", cell.Result);
        Assert.Empty(cell.Reply.Content["payload"]!.AsArray());
        Assert.Equal("ok", cell.Reply.Content["status"]!.ToString());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execution_counts_go_on(Circumstance circumstance)
    {
        var first = await In(circumstance).RunAsync("1");
        var second = await In(circumstance).RunAsync($"2{Conversation.Middle}");
        Assert.Equal(first.Count + 1, second.Count);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execute_silent_shows_nothing_and_does_not_count(Circumstance circumstance)
    {
        var before = await In(circumstance).RunAsync("1");
        var silent = await In(circumstance).RunAsync($"quiet = 5{Conversation.Middle}quiet", content => (content["silent"], content["store_history"]) = (true, false));
        var after = await In(circumstance).RunAsync("quiet");

        Assert.Empty(silent.Outputs);
        Assert.Equal("ok", silent.Status);
        Assert.Equal(before.Count + 1, after.Count);
        Assert.Equal("5", after.Result);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execute_without_history_does_not_count(Circumstance circumstance)
    {
        var before = await In(circumstance).RunAsync("1");
        await In(circumstance).RunAsync("'unwritten'", content => content["store_history"] = false);
        var after = await In(circumstance).RunAsync("1");
        Assert.Equal(before.Count + 1, after.Count);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execute_tells_an_error_as_output_and_in_its_reply(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync($"print('before'){Conversation.Middle}1 / 0");

        var error = cell.Output("error");
        Assert.Equal("error", cell.Status);
        foreach (var message in new[] { error, cell.Reply })
        {
            Assert.Equal("ZeroDivisionError", message.Text("ename"));
            Assert.Equal("division by zero", message.Text("evalue"));
            Assert.NotEmpty(message.Content["traceback"]!.AsArray());
        }

        Assert.Equal("before\n", cell.Stream("stdout"));
        Assert.True(cell.Count > 0);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task An_error_in_an_earlier_cells_function_shows_the_line(Circumstance circumstance)
    {
        await In(circumstance).RunAsync("def fails(told):\n    line_to_see = told\n    raise ValueError(line_to_see)");
        var cell = await In(circumstance).RunAsync("fails('x')");
        Assert.Contains("line_to_see", cell.Reply.Content["traceback"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task An_error_aborts_the_cells_that_were_sent_with_it(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        await conversation.RunAsync("ran = []");
        var failing = await conversation.SendAsync("shell", "execute_request", Requests.Execute("import time; time.sleep(0.3); 1 / 0"));
        var behind = await conversation.SendAsync("shell", "execute_request", Requests.Execute("ran.append(1)"));
        var last = await conversation.SendAsync("shell", "execute_request", Requests.Execute("ran.append(2)"));

        Assert.Equal("error", (await conversation.EndOfAsync(failing)).Status);
        Assert.Equal("aborted", (await conversation.EndOfAsync(behind)).Status);
        Assert.Equal("aborted", (await conversation.EndOfAsync(last)).Status);
        Assert.Equal("[]", (await conversation.RunAsync("ran")).Result);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task An_error_aborts_nothing_where_the_request_says_so(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        var failing = await conversation.SendAsync("shell", "execute_request", Requests.Execute("import time; time.sleep(0.3); 1 / 0", stopOnError: false));
        var behind = await conversation.SendAsync("shell", "execute_request", Requests.Execute("print('behind')"));

        Assert.Equal("error", (await conversation.EndOfAsync(failing)).Status);
        Assert.Equal("behind\n", (await conversation.EndOfAsync(behind)).Stdout);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execute_evaluates_user_expressions_each_with_its_own_outcome(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync(
            $"told = 5{Conversation.Middle}", content => content["user_expressions"] = new JsonObject { ["good"] = "told + 1", ["bad"] = "no_such_name" });

        var told = cell.Reply.Content["user_expressions"]!;
        Assert.Equal("ok", cell.Status);
        Assert.Equal("6", told["good"]!["data"]!["text/plain"]!.ToString());
        Assert.Equal("ok", told["good"]!["status"]!.ToString());
        Assert.Equal("NameError", told["bad"]!["ename"]!.ToString());
        Assert.Equal("error", told["bad"]!["status"]!.ToString());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Execute_brings_payloads(Circumstance circumstance)
    {
        var pager = Assert.Single((await In(circumstance).RunAsync("zip?")).Reply.Content["payload"]!.AsArray())!;
        Assert.Equal("page", pager["source"]!.ToString());
        Assert.Contains("zip", pager["data"]!["text/plain"]!.ToString(), StringComparison.Ordinal);

        var next = Assert.Single((await In(circumstance).RunAsync("get_ipython().set_next_input('y = 1')")).Reply.Content["payload"]!.AsArray())!;
        Assert.Equal("set_next_input", next["source"]!.ToString());
        Assert.Equal("y = 1", next["text"]!.ToString());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task What_one_cell_leaves_the_next_finds(Circumstance circumstance)
    {
        await In(circumstance).RunAsync($"class Kept:\n    pass\nkept = Kept(); kept.n = [1]; alias = kept.n{Conversation.Middle}");
        await In(circumstance).RunAsync("def more(n):\n    alias.append(n)\n    return kept.n");
        Assert.Equal("[1, 2]", (await In(circumstance).RunAsync("more(2)")).Result);
    }
}
