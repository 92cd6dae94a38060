using System.Text.Json.Nodes;

namespace Notebook.Cli.Notebooks;

/// <summary>A code cell of a notebook.</summary>
/// <param name="json">The cell as it is in the file.</param>
/// <param name="number">Its place among all cells, from 1, as a reader counts.</param>
internal sealed class NotebookCell(JsonObject json, int number)
{
    /// <summary>Its place among all cells, from 1.</summary>
    public int Number => number;

    /// <summary>Its code. In a file it is one text, or a list of lines.</summary>
    public string Source => json["source"] switch
    {
        JsonArray lines => string.Concat(lines.Select(NotebookDocument.Text)),
        var text => NotebookDocument.Text(text) ?? "",
    };

    /// <summary>Whether there is anything to run.</summary>
    public bool IsToRun => !string.IsNullOrWhiteSpace(Source) && !HasTag("skip-execution");

    /// <summary>Whether its author expects it to fail.</summary>
    public bool MayFail => HasTag("raises-exception");

    /// <summary>What it asks for while it runs; null where it says nothing.</summary>
    public JsonNode? Resources => json["metadata"]?["resource_request"];

    /// <summary>Its outputs, as in the file.</summary>
    public JsonArray Outputs => json["outputs"] as JsonArray ?? [];

    /// <summary>The number that it ran under.</summary>
    public int? ExecutionCount
    {
        get => (int?)json["execution_count"];
        set => json["execution_count"] = value;
    }

    /// <summary>Takes away what an earlier run left.</summary>
    public void Clear()
    {
        json["execution_count"] = null;
        json["outputs"] = new JsonArray();
    }

    private bool HasTag(string tag) =>
        json["metadata"]?["tags"] is JsonArray tags && tags.Any(t => NotebookDocument.Text(t) == tag);
}
