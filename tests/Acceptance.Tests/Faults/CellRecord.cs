using System.Text.Json.Nodes;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>
/// All that a cell gave, in full, as lines of text: its number, its outputs in order, its reply. Without what is chance:
/// ids, times, and how a stream was cut into pieces.
/// </summary>
internal sealed record CellRecord(IReadOnlyList<string> Lines)
{
    private const int Shown = 400;
    private static readonly string[] s_ofReply = ["status", "execution_count", "ename", "evalue", "traceback", "payload", "user_expressions"];

    public static CellRecord Of(Cell cell)
    {
        var lines = new List<string>();
        string? stream = null;
        foreach (var message in cell.Messages.Where(m => m.Channel == "iopub"))
        {
            if (message.Type == "status") continue;
            if (message.Type == "stream" && message.Text("name") == stream)
            {
                lines[^1] += message.Text("text");
                continue;
            }

            stream = message.Type == "stream" ? message.Text("name") : null;
            lines.Add(stream is null ? $"{message.Type} {message.Content.ToJsonString()}" : $"{stream}: {message.Text("text")}");
        }

        lines.Add($"reply {new JsonObject(s_ofReply.Select(name => KeyValuePair.Create(name, cell.Reply.Content[name]?.DeepClone()))).ToJsonString()}");
        return new(lines);
    }

    /// <summary>What is different from what was expected; empty when nothing is.</summary>
    public string DifferenceFrom(CellRecord expected)
    {
        for (var i = 0; i < Math.Max(Lines.Count, expected.Lines.Count); i++)
        {
            var (want, got) = (expected.Lines.ElementAtOrDefault(i) ?? "nothing more", Lines.ElementAtOrDefault(i) ?? "nothing more");
            if (want == got) continue;
            var at = Math.Max(0, want.Zip(got).TakeWhile(p => p.First == p.Second).Count() - 40);
            return $"output {i + 1}, from character {at}: {Short(got[at..])}\n  a plain ipykernel gives {Short(want[at..])}";
        }

        return "";
    }

    private static string Short(string text) => text.Length <= Shown ? text : text[..Shown] + "...";
}
