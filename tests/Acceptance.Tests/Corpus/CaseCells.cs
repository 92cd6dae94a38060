using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Corpus;

/// <summary>Runs a case's cells in a kernel, whichever way <paramref name="execute"/> leads to it.</summary>
/// <param name="execute">Runs a cell to its end, given the content of its request.</param>
/// <param name="folder">Where the kernel works; left out of what is compared.</param>
internal sealed partial class CaseCells(Func<JsonObject, Task<Cell>> execute, string folder)
{
    /// <summary>Imports what the case needs and seeds all generators, before its first cell and without a trace.</summary>
    /// <returns>The kernel's process.</returns>
    public async Task<int> BeginAsync(CorpusCase @case) =>
        (int)(await AskAsync(new JsonObject { ["do"] = "begin", ["needs"] = Texts(@case.Needs) }))["pid"]!;

    /// <summary>Runs cells.</summary>
    /// <returns>What they printed, their results and errors, without empty lines; and what was said on standard error.</returns>
    public async Task<(IReadOnlyList<string> Printed, string Stderr)> RunAsync(IEnumerable<string> cells)
    {
        List<string> printed = [];
        var stderr = "";
        foreach (var code in cells)
        {
            var cell = await execute(Request(code));
            printed.AddRange(Scrub(string.Concat(cell.Messages.Select(Text))).Split('\n').Where(line => line.Trim().Length > 0));
            stderr += cell.Stream("stderr");
        }

        return (printed, stderr);
    }

    /// <summary>What the kernel has now, found without a trace.</summary>
    public async Task<CaseLook> LookAsync(CorpusCase @case)
    {
        var found = await AskAsync(new JsonObject
        {
            ["do"] = "look",
            ["lost"] = Texts(@case.Lost),
            ["fails"] = Texts(@case.Fails),
            ["prints"] = Texts(@case.Prints),
        });
        IReadOnlyList<string> Lines(string name) => [.. found[name]!.AsArray().Select(line => Scrub((string)line!))];
        return new((int)found["pid"]!, Lines("names"), Lines("around"));
    }

    private async Task<JsonNode> AskAsync(JsonObject request)
    {
        var asked = JsonSerializer.Serialize(request.ToJsonString());   // a text of JSON is one of Python, too
        var content = Request($"__import__('runpy').run_path('{CorpusCase.Look}', {{'asked': {asked}}}, '__look__')");
        content["silent"] = true;
        content["store_history"] = false;
        var cell = await execute(content);
        return cell.Status == "ok" ? JsonNode.Parse(cell.Stdout)! : throw new InvalidOperationException($"a cell could not look: {cell}");
    }

    // A plain kernel would abort the cell after one that failed, had it been sent a moment too early.
    private static JsonObject Request(string code) => Requests.Execute(code, stopOnError: false);

    private string Scrub(string text) => Address().Replace(text, "0x").Replace(folder, "FOLDER", StringComparison.Ordinal);

    private static string Text(ClientMessage message) => message.Type switch
    {
        "stream" when message.Text("name") == "stdout" => message.Text("text"),
        "display_data" => $"{message.Content["data"]?["text/plain"]}\n",
        "execute_result" => $"Out[{message.Content["execution_count"]}]: {message.Content["data"]?["text/plain"]}\n",
        "error" => $"{message.Text("ename")}: {message.Text("evalue")}\n",
        _ => "",
    };

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    [GeneratedRegex("0x[0-9a-fA-F]+")]
    private static partial Regex Address();
}

/// <summary>A kernel at the end of a case.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Names">All names with their values, and which of these are one object.</param>
/// <param name="Around">What is beside the namespace.</param>
internal sealed record CaseLook(int Pid, IReadOnlyList<string> Names, IReadOnlyList<string> Around);
