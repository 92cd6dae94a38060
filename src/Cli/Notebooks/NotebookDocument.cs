using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Hosting;

namespace Notebook.Cli.Notebooks;

/// <summary>A notebook file of nbformat 4. Whatever we do not know in it stays as it was.</summary>
internal sealed class NotebookDocument
{
    private const int DepthMax = 512;
    private const long BytesMax = 512L << 20;

    // As Jupyter writes notebooks, so that a diff shows the outputs only: one blank, no escapes that need not be.
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        MaxDepth = DepthMax,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonObject _root;

    private NotebookDocument(JsonObject root, IReadOnlyList<NotebookCell> cells) => (_root, CodeCells) = (root, cells);

    /// <summary>The code cells, in order.</summary>
    public IReadOnlyList<NotebookCell> CodeCells { get; }

    /// <summary>The kernel that the notebook was written for; null where it does not say.</summary>
    public string? KernelName => Text(_root["metadata"]?["kernelspec"]?["name"]);

    /// <summary>Notes which language the kernel spoke.</summary>
    public void SetLanguage(JsonNode language)
    {
        if (_root["metadata"] is not JsonObject metadata) _root["metadata"] = metadata = [];
        metadata["language_info"] = language.DeepClone();
    }

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="UserException">It is none, or of a format that we do not read.</exception>
    public static NotebookDocument Load(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > BytesMax) throw new UserException($"{path} has {length >> 20} MiB: notebooks up to {BytesMax >> 20} MiB are read");
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read {path}: {e.Message}");
        }
    }

    /// <summary>Reads a notebook's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">Where it is from, for errors.</param>
    public static NotebookDocument Parse(ReadOnlySpan<byte> json, string origin)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = DepthMax });
        }
        catch (JsonException e)
        {
            throw new UserException($"{origin} is no notebook: {e.Message}");
        }

        if (node is not JsonObject root || root["nbformat"] is null) throw new UserException($"{origin} is no notebook: it has no nbformat");
        if (root["nbformat"]!.ToJsonString() != "4")
            throw new UserException($"{origin} is of nbformat {root["nbformat"]!.ToJsonString()}, and 4 is read: convert it with 'jupyter nbconvert --to notebook'");
        if (root["cells"] is not JsonArray cells || cells.Any(c => c is not JsonObject))
            throw new UserException($"{origin} is no notebook: it has no list of cells");
        return new NotebookDocument(root,
        [
            .. cells.OfType<JsonObject>()
                .Select((cell, index) => (cell, number: index + 1))
                .Where(c => Text(c.cell["cell_type"]) == "code")
                .Select(c => new NotebookCell(c.cell, c.number)),
        ]);
    }

    /// <summary>The notebook's text.</summary>
    public string ToText() => _root.ToJsonString(Format) + "\n";

    /// <summary>Writes the notebook, all or nothing.</summary>
    public void Save(string path)
    {
        var draft = $"{path}.{Environment.ProcessId}.draft";
        try
        {
            File.WriteAllText(draft, ToText(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            if (!OperatingSystem.IsWindows() && File.Exists(path)) File.SetUnixFileMode(draft, File.GetUnixFileMode(path));
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot write {path}: {e.Message} Choose another file with --output.");
        }
    }

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
