namespace Notebook.Rig.Client;

/// <summary>What a client has of one cell at its end: the reply, and everything that named the cell as its parent, in order.</summary>
public sealed record Cell(string MessageId, ClientMessage Reply, IReadOnlyList<ClientMessage> Messages)
{
    public string Status => Reply.Text("status");

    public string ErrorName => Reply.Text("ename");

    public string ErrorValue => Reply.Text("evalue");

    public string Stdout => Stream("stdout");

    /// <summary>The text of the last <c>execute_result</c>.</summary>
    public string? Result => Messages.LastOrDefault(m => m.Type == "execute_result")?.Content["data"]?["text/plain"]?.GetValue<string>();

    /// <summary>All pieces of a stream, joined.</summary>
    public string Stream(string name) =>
        string.Concat(Messages.Where(m => m.Type == "stream" && m.Text("name") == name).Select(m => m.Text("text")));

    public override string ToString() => string.Join('\n', Messages);
}
