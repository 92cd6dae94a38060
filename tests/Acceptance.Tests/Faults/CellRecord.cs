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
    private const string Notice = "[notebook] the kernel process on server ";
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

    /// <summary>Without the line by which its user is told that its executor was lost just when it had ended; null when there is none.</summary>
    public CellRecord? WithoutNotice()
    {
        var at = Lines.ToList().FindIndex(line => line.Contains(Notice, StringComparison.Ordinal));
        if (at < 0) return null;
        var before = Lines[at][..Lines[at].IndexOf(Notice, StringComparison.Ordinal)];   // what it had written there itself
        return new([.. Lines.Take(at), .. before is "stderr: " ? [] : (string[])[before], .. Lines.Skip(at + 1)]);
    }

    /// <summary>
    /// What is different for a cell whose last outputs may have been lost with its server: those that came must be the
    /// expected ones from the first on, the last perhaps cut, and the reply must be the whole one.
    /// </summary>
    public string DifferenceFromEnd(CellRecord expected)
    {
        var came = Lines.Count - 1;   // without the reply
        if (came >= expected.Lines.Count) return DifferenceFrom(expected);
        var whole = expected.Lines.Take(came).ToList();
        if (came > 0 && whole[^1].StartsWith(Lines[came - 1], StringComparison.Ordinal)) whole[^1] = Lines[came - 1];
        return DifferenceFrom(new([.. whole, expected.Lines[^1]]));
    }

    private static string Short(string text) => text.Length <= Shown ? text : text[..Shown] + "...";
}
