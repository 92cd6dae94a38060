namespace Notebook.Acceptance.Tests.Conformance;

public sealed partial class ConformanceTests
{
    [Theory, MemberData(nameof(Circumstances))]
    public async Task Input_asks_who_runs_the_cell_and_takes_the_answer(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync("print('got', input('name? '))", types: "bob");

        var question = Assert.Single(cell.Messages, m => m.Channel == "stdin");
        Assert.Equal(("input_request", "name? "), (question.Type, question.Text("prompt")));
        Assert.False(question.Content["password"]!.GetValue<bool>());
        Assert.Equal("got bob\n", cell.Stream("stdout"));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_password_is_asked_for_as_one(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync("import getpass; print(len(getpass.getpass('secret? ')))", types: "abcd");

        var question = Assert.Single(cell.Messages, m => m.Channel == "stdin");
        Assert.Equal("secret? ", question.Text("prompt"));
        Assert.True(question.Content["password"]!.GetValue<bool>());
        Assert.Equal("4\n", cell.Stream("stdout"));
        Assert.DoesNotContain(cell.Messages, m => System.Text.Encoding.UTF8.GetString(m.Raw.Content.Span).Contains("abcd", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task Input_is_an_error_where_the_request_does_not_allow_it(Circumstance circumstance)
    {
        var cell = await In(circumstance).RunAsync("input()");

        Assert.Equal("StdinNotImplementedError", cell.Output("error").Text("ename"));
        Assert.DoesNotContain(cell.Messages, m => m.Channel == "stdin");
    }
}
