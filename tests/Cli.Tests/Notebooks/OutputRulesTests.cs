using System.Text;
using System.Text.Json.Nodes;
using Notebook.Cli.Notebooks;
using Xunit;

namespace Notebook.Cli.Tests.Notebooks;

public sealed class OutputRulesTests
{
    private readonly OutputRules _rules = new();
    private readonly NotebookCell _cell = NewCell();

    private static NotebookCell NewCell() => NotebookDocument.Parse(Encoding.UTF8.GetBytes(
        """{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","source":"1","outputs":[],"execution_count":null,"metadata":{}}]}"""), "test").CodeCells[0];

    private void Take(string type, string content, NotebookCell? cell = null) => _rules.Take(cell ?? _cell, type, (JsonObject)JsonNode.Parse(content)!);

    private void AssertOutputs(string expected, NotebookCell? cell = null) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), (cell ?? _cell).Outputs.ToJsonString());

    [Fact]
    public void Texts_of_one_stream_are_one_output_in_lines_however_they_were_cut()
    {
        Take("stream", """{"name":"stdout","text":"a\nb"}""");
        Take("stream", """{"name":"stdout","text":"c\n"}""");
        Take("stream", """{"name":"stderr","text":"x"}""");
        Take("stream", """{"name":"stdout","text":"d"}""");
        AssertOutputs("""
            [{"name":"stdout","output_type":"stream","text":["a\n","bc\n"]},
             {"name":"stderr","output_type":"stream","text":["x"]},
             {"name":"stdout","output_type":"stream","text":["d"]}]
            """);
    }

    [Fact]
    public void A_result_keeps_its_number_and_the_cell_too()
    {
        Take("execute_input", """{"code":"1","execution_count":7}""");
        Take("execute_result", """{"data":{"text/plain":"1"},"metadata":{},"execution_count":7}""");
        AssertOutputs("""[{"data":{"text/plain":["1"]},"execution_count":7,"metadata":{},"output_type":"execute_result"}]""");
        Assert.Equal(7, _cell.ExecutionCount);
    }

    [Fact]
    public void Json_stays_json_and_texts_become_lines()
    {
        Take("display_data", """{"data":{"application/vnd.x+json":{"a":1},"application/json":"text","text/html":"<b>\n</b>"},"metadata":{"m":1}}""");
        AssertOutputs("""
            [{"data":{"application/vnd.x+json":{"a":1},"application/json":"text","text/html":["<b>\n","</b>"]},
              "metadata":{"m":1},"output_type":"display_data"}]
            """);
    }

    [Fact]
    public void A_display_is_updated_wherever_it_stands()
    {
        var later = NewCell();
        Take("display_data", """{"data":{"text/plain":"old"},"metadata":{},"transient":{"display_id":"d"}}""");
        Take("update_display_data", """{"data":{"text/plain":"new"},"metadata":{},"transient":{"display_id":"d"}}""", later);
        AssertOutputs("""[{"data":{"text/plain":["new"]},"metadata":{},"output_type":"display_data"}]""");
        AssertOutputs("[]", later);
    }

    [Fact]
    public void A_clear_is_at_once_and_a_delayed_one_comes_with_the_next_output()
    {
        Take("stream", """{"name":"stdout","text":"1"}""");
        Take("clear_output", """{"wait":true}""");
        AssertOutputs("""[{"name":"stdout","output_type":"stream","text":["1"]}]""");
        Take("stream", """{"name":"stdout","text":"2"}""");
        AssertOutputs("""[{"name":"stdout","output_type":"stream","text":["2"]}]""");
        Take("clear_output", """{"wait":false}""");
        AssertOutputs("[]");
    }

    [Fact]
    public void An_error_is_an_output()
    {
        Take("error", """{"ename":"E","evalue":"v","traceback":["t"]}""");
        AssertOutputs("""[{"ename":"E","evalue":"v","output_type":"error","traceback":["t"]}]""");
    }

    [Fact]
    public void What_is_no_output_leaves_none()
    {
        Take("status", """{"execution_state":"busy"}""");
        Take("comm_open", """{"comm_id":"c"}""");
        AssertOutputs("[]");
    }
}
