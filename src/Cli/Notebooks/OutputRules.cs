using System.Text.Json.Nodes;

namespace Notebook.Cli.Notebooks;

/// <summary>
/// Turns what a kernel says (iopub messages) into the outputs of the cells of one notebook, by the rules that Jupyter's
/// own clients follow: texts of one stream that follow each other are one output; what was displayed under an id is
/// replaced wherever it stands, in earlier cells too; a delayed clear comes with the next output.
/// </summary>
internal sealed class OutputRules
{
    private readonly Dictionary<string, List<JsonObject>> _displays = [];
    private readonly HashSet<NotebookCell> _clearBeforeNext = [];

    /// <summary>Takes up one message that belongs to a cell.</summary>
    public void Take(NotebookCell cell, string type, JsonObject content)
    {
        if (content["execution_count"] is JsonValue count && count.TryGetValue<int>(out var number)) cell.ExecutionCount = number;
        var display = NotebookDocument.Text(content["transient"]?["display_id"]);
        switch (type)
        {
            case "stream":
                AddText(Ready(cell), NotebookDocument.Text(content["name"]) ?? "stdout", NotebookDocument.Text(content["text"]) ?? "");
                break;
            case "display_data" or "execute_result":
                if (display is not null) Update(display, content);
                var output = Show(type, content);
                if (type == "execute_result") output.Insert(1, "execution_count", content["execution_count"]?.DeepClone());
                Ready(cell).Add((JsonNode)output);
                if (display is not null) Remember(display, output);
                break;
            case "update_display_data":
                if (display is not null) Update(display, content);
                break;
            case "error":
                Ready(cell).Add((JsonNode)new JsonObject
                {
                    ["ename"] = content["ename"]?.DeepClone(),
                    ["evalue"] = content["evalue"]?.DeepClone(),
                    ["output_type"] = "error",
                    ["traceback"] = content["traceback"]?.DeepClone() ?? new JsonArray(),
                });
                break;
            case "clear_output":
                if (content["wait"] is JsonValue wait && wait.TryGetValue<bool>(out var delayed) && delayed) _clearBeforeNext.Add(cell);
                else cell.Outputs.Clear();
                break;
        }
    }

    // The place for a cell's next output.
    private JsonArray Ready(NotebookCell cell)
    {
        if (_clearBeforeNext.Remove(cell)) cell.Outputs.Clear();
        return cell.Outputs;
    }

    private static void AddText(JsonArray outputs, string stream, string text)
    {
        if (outputs.LastOrDefault() is JsonObject last && NotebookDocument.Text(last["output_type"]) == "stream" && NotebookDocument.Text(last["name"]) == stream)
        {
            var lines = (JsonArray)last["text"]!;
            if (lines.LastOrDefault() is { } end && NotebookDocument.Text(end) is { } open && !open.EndsWith('\n'))
            {
                lines.RemoveAt(lines.Count - 1);
                text = open + text;
            }

            foreach (var line in Lines(text)) lines.Add((JsonNode)line);
            return;
        }

        outputs.Add((JsonNode)new JsonObject { ["name"] = stream, ["output_type"] = "stream", ["text"] = new JsonArray([.. Lines(text)]) });
    }

    private static JsonObject Show(string type, JsonObject content) => new()
    {
        ["data"] = Data(content),
        ["metadata"] = content["metadata"]?.DeepClone() ?? new JsonObject(),
        ["output_type"] = type,
    };

    private void Update(string display, JsonObject content)
    {
        foreach (var output in _displays.GetValueOrDefault(display) ?? [])
        {
            output["data"] = Data(content);
            output["metadata"] = content["metadata"]?.DeepClone() ?? new JsonObject();
        }
    }

    private void Remember(string display, JsonObject output)
    {
        if (!_displays.TryGetValue(display, out var shown)) _displays[display] = shown = [];
        shown.Add(output);
    }

    // Files hold long texts as lines, so that diffs are small; JSON stays JSON.
    private static JsonObject Data(JsonObject content) => new(
        from pair in content["data"] as JsonObject ?? []
        let text = NotebookDocument.Text(pair.Value)
        select KeyValuePair.Create(pair.Key, text is null || IsJson(pair.Key) ? pair.Value?.DeepClone() : new JsonArray([.. Lines(text)])));

    private static bool IsJson(string mimeType) =>
        mimeType == "application/json" || (mimeType.StartsWith("application/", StringComparison.Ordinal) && mimeType.EndsWith("+json", StringComparison.Ordinal));

    private static IEnumerable<JsonNode> Lines(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = text.IndexOf('\n', start) is >= 0 and var at ? at + 1 : text.Length;
            yield return JsonValue.Create(text[start..end]);
        }
    }
}
