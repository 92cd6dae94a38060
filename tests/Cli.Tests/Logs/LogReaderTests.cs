using Notebook.Cli.Logs;
using Xunit;

namespace Notebook.Cli.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly TemporaryData _temporary = new();

    public void Dispose() => _temporary.Dispose();

    private void Write(string file, params string[] lines) =>
        File.AppendAllLines(Path.Combine(_temporary.Data.Logs, file), lines);

    private static string Line(int second, string process, string message, string more = "") =>
        $$$"""{"Timestamp":"2026-11-21T15:00:{{{second:00}}}.0000000+00:00","Level":"Information","MessageTemplate":"{{{message}}}","RenderedMessage":"y","Properties":{"Process":"{{{process}}}"{{{more}}}}}""";

    [Fact]
    public void The_logs_of_all_processes_are_one_in_the_order_of_time()
    {
        Write("silo.log", Line(1, "silo 'silo'", "one"), Line(4, "silo 'silo'", "four"));
        Write("agent-1.log", Line(2, "agent 'agent-1'", "two"), "{ cut off by a cr", Line(3, "agent 'agent-1'", "three"));
        var reader = new LogReader(_temporary.Data, new LogFilter(null, null));
        Assert.Equal(["one", "two", "three", "four"], reader.Tail(10).Select(l => l.Message));
    }

    [Fact]
    public void The_tail_is_of_all_together_and_what_comes_later_is_new()
    {
        Write("silo.log", Line(1, "silo 'silo'", "one"), Line(4, "silo 'silo'", "four"));
        Write("gateway.log", Line(2, "gateway 'gateway'", "two"));
        var reader = new LogReader(_temporary.Data, new LogFilter(null, null));
        Assert.Equal(["two", "four"], reader.Tail(2).Select(l => l.Message));
        Assert.Empty(reader.Next());

        Write("agent-1.log", Line(6, "agent 'agent-1'", "six"));
        Write("silo.log", Line(5, "silo 'silo'", "five"));
        File.AppendAllText(Path.Combine(_temporary.Data.Logs, "silo.log"), Line(7, "silo 'silo'", "not yet whole"));
        Assert.Equal(["five", "six"], reader.Next().Select(l => l.Message));
        Write("silo.log", "");
        Assert.Equal(["not yet whole"], reader.Next().Select(l => l.Message));
    }

    [Theory]
    [InlineData("agent-1", null, "of a kernel")]
    [InlineData("agent", null, "of a kernel")]
    [InlineData(null, "8d3e", "of a kernel")]
    [InlineData("silo", null, "other")]
    public void One_process_or_one_kernel_can_be_picked(string? process, string? kernel, string expected)
    {
        Write("agent-1.log", Line(1, "agent 'agent-1'", "of a kernel", ",\"Kernel\":\"8d3e0c44-0000\""));
        Write("silo.log", Line(2, "silo 'silo'", "other"));
        Assert.Equal([expected], new LogReader(_temporary.Data, new LogFilter(process, kernel)).Tail(10).Select(l => l.Message));
    }

    [Fact]
    public void A_line_is_rendered_with_what_it_is_about_unless_the_message_says_it()
    {
        var line = LogLine.Parse(Line(1, "agent 'agent-1'", "Process {Pid} started {Name:l}", ",\"Pid\":12,\"Name\":\"x y\",\"Kernel\":\"8d3e\""))!;
        Assert.Equal("15:00:01.000 info  agent-1  Process 12 started x y kernel=8d3e", line.Render());
    }
}
