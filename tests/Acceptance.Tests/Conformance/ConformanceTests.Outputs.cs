namespace Notebook.Acceptance.Tests.Conformance;

public sealed partial class ConformanceTests
{
    [Theory, MemberData(nameof(Circumstances))]
    public async Task Streams_arrive_whole_each_in_its_order(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync(
            $"import sys\nfor i in range(500): print(i)\nprint('e1', file=sys.stderr){Conversation.Middle}for i in range(500, 1000): print(i)\nprint('e2', file=sys.stderr)");

        Assert.Equal(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i}\n")), cell.Stream("stdout"));
        Assert.Equal("e1\ne2\n", cell.Stream("stderr"));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Displays_bring_all_their_forms_and_metadata(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync(
            $"from IPython.display import display{Conversation.Middle}display({{'text/html': '<b>b</b>', 'text/plain': 'b'}}, raw=True, metadata={{'text/html': {{'k': 1}}}})");

        var shown = cell.Output("display_data").Content;
        Assert.Equal("<b>b</b>", shown["data"]!["text/html"]!.ToString());
        Assert.Equal("b", shown["data"]!["text/plain"]!.ToString());
        Assert.Equal(1, shown["metadata"]!["text/html"]!["k"]!.GetValue<int>());
        Assert.Empty(shown["transient"]!.AsObject());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_display_made_by_one_cell_is_updated_by_another(Circumstance circumstance)
    {
        var made = await In(circumstance).RunAsync("handle = display('first', display_id='shown')");
        var updated = await In(circumstance).RunAsync($"{Conversation.Middle}handle.update('second')");

        Assert.Equal("shown", made.Output("display_data").Content["transient"]!["display_id"]!.ToString());
        var update = updated.Output("update_display_data").Content;
        Assert.Equal("shown", update["transient"]!["display_id"]!.ToString());
        Assert.Equal("'second'", update["data"]!["text/plain"]!.ToString());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Clear_output_comes_where_it_was_said(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync(
            $"from IPython.display import clear_output\nprint('old', flush=True){Conversation.Middle}clear_output(wait=True)\nprint('new', flush=True)");

        // A text may come in several pieces.
        var shown = cell.Types.Where((type, i) => i == 0 || type != cell.Types.ElementAt(i - 1));
        Assert.Equal(["execute_input", "stream", "clear_output", "stream"], shown);
        Assert.True(cell.Output("clear_output").Content["wait"]!.GetValue<bool>());
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task What_a_thread_says_after_its_cell_has_ended_arrives_as_that_cells(Circumstance circumstance)
    {
        var conversation = In(circumstance);
        var go = conversation.NewPath();
        var cell = await conversation.RunAsync(
            $$"""
            import os, threading, time
            def speak():
                while not os.path.exists('{{go}}'): time.sleep(0.01)
                print('late', flush=True)
            threading.Thread(target=speak).start(){{Conversation.Middle}}
            """);
        await File.WriteAllTextAsync(go, "");

        var parent = cell.Reply.Parent.MessageId;
        await conversation.WaitAsync(
            "what the thread says", m => m.Type == "stream" && m.Parent.MessageId == parent && m.Text("text").Contains("late", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task An_output_of_twelve_mebibytes_arrives_whole(Circumstance circumstance)
    {
        const int Length = 12 << 20;
        var cell = await In(circumstance).RunAsync($"display({{'text/plain': 'x' * {Length}}}, raw=True){Conversation.Middle}");

        Assert.Equal(Length, cell.Output("display_data").Content["data"]!["text/plain"]!.ToString().Length);
    }
}
