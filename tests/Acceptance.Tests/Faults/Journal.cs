using System.Globalization;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>What became of one cell of a <see cref="Journal"/>.</summary>
/// <param name="MessageId">The cell.</param>
/// <param name="Token">What it appended.</param>
/// <param name="Position">Where the list had it, as the cell said; 0 when it did not say, as one whose last outputs were lost with its server.</param>
/// <param name="Outcome">The reply's status, or the name of its error.</param>
/// <param name="Reason">The error's text; empty for none.</param>
internal sealed record JournalEntry(string MessageId, string Token, int Position, string Outcome, string Reason)
{
    public bool IsAcknowledged => Outcome == "ok";

    /// <summary>Whether its user was told that it counts for nothing, and not only that nobody knows.</summary>
    public bool IsDenied => !IsAcknowledged && (Outcome != "ExecutorLost" || Reason.Contains("what this cell changed is gone", StringComparison.Ordinal));
}

/// <summary>
/// One client that has a kernel append tokens to a list and count them, one cell after the other, and a checker that
/// looks from outside: the acknowledged cells are one sequence, which nothing later changes.
/// </summary>
internal sealed class Journal(KernelSession session)
{
    /// <summary>The longest that a cell may take whatever happens: its client must hear of an end.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private const int TurnsPerSecond = 10;
    private readonly List<JournalEntry> _entries = [];
    private int _last;

    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>Makes list and counter.</summary>
    public Task BeginAsync() => session.ExecuteAsync("import time; tokens = []; count = 0; same = tokens", Limit);

    /// <summary>Appends a token.</summary>
    public async Task<JournalEntry> AppendAsync() => await EndAsync(await SubmitAsync(seconds: 0));

    /// <summary>
    /// Appends a token with a cell that runs on for a while after it has done so; returns when it runs, or when it has
    /// ended, as where no majority of the replicas is reached.
    /// </summary>
    public async Task<string> BeginAppendAsync(double seconds)
    {
        var cell = await SubmitAsync(seconds);
        await session.WaitAsync(
            "the cell appends, or ends",
            m => m.Parent.MessageId == cell && (m.Type == "execute_reply" || (m.Type == "stream" && m.Text("text").Contains("appended", StringComparison.Ordinal))),
            Limit);
        return cell;
    }

    /// <summary>Waits until a cell has run on for so long by its own count.</summary>
    public async Task RunsOnAsync(string cell, double seconds)
    {
        var turns = (int)(seconds * TurnsPerSecond);
        await session.WaitAsync(
            $"{turns} turns of the cell", m => m.Parent.MessageId == cell && m.Type == "stream" && (turns -= m.Text("text").Split("on").Length - 1) <= 0, Limit);
    }

    /// <summary>Waits for a cell's end, whichever.</summary>
    public async Task<JournalEntry> EndAsync(string messageId)
    {
        var cell = await session.EndOfAsync(messageId, Limit);
        var position = cell is { Status: "ok", Result: { } result } ? int.Parse(result.Trim('(', ')').Split(',')[0], CultureInfo.InvariantCulture) : 0;
        var reason = cell.Status == "error" ? cell.Reply.Content["evalue"]!.GetValue<string>() : "";
        var entry = new JournalEntry(messageId, Token(_last), position, cell.Status == "error" ? cell.ErrorName : cell.Status, reason);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Looks at the kernel's state, and at all that the client was ever told.</summary>
    public async Task CheckAsync()
    {
        var cell = await session.ExecuteAsync("print(count, same is tokens, *tokens)", Limit);
        Assert.Equal("ok", cell.Status);
        var words = cell.Stdout.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var tokens = words[2..];
        var story = $"{string.Join(' ', words)}\n{string.Join('\n', _entries)}";

        Assert.True(words[0] == $"{tokens.Length}" && words[1] == "True", $"counter, list and its other name are not one state: {story}");
        Assert.True(tokens.Distinct().Count() == tokens.Length, $"a token is there twice: {story}");
        foreach (var entry in _entries)
        {
            if (entry.IsAcknowledged)
                Assert.True(entry.Position > 0 ? tokens.ElementAtOrDefault(entry.Position - 1) == entry.Token : tokens.Contains(entry.Token), $"{entry} was acknowledged, and is not there: {story}");
            else if (entry.IsDenied)
                Assert.False(tokens.Contains(entry.Token), $"{entry} was said not to have run, and is there: {story}");
        }

        foreach (var entry in _entries) CheckMessages(entry);
    }

    /// <summary>One reply to each cell, and nothing of a cell that was lost after its client was told so.</summary>
    private void CheckMessages(JournalEntry entry)
    {
        var messages = session.Received.Where(m => m.Parent.MessageId == entry.MessageId).ToList();
        Assert.True(messages.Count(m => m.Type == "execute_reply") == 1, $"{entry} has more than one reply:\n{string.Join('\n', messages)}");
        if (entry.Outcome != "ExecutorLost") return;
        var after = messages.SkipWhile(m => m.Type != "error").Skip(1).Where(m => m.Type is "stream" or "execute_result" or "display_data" or "error").ToList();
        Assert.True(after.Count == 0, $"{entry} was told to be lost, and then its executor published:\n{string.Join('\n', after)}");
    }

    private static string Token(int number) => $"t{number}";

    private Task<string> SubmitAsync(double seconds)
    {
        var token = Token(++_last);
        return session.SubmitAsync(string.Create(CultureInfo.InvariantCulture, $"""
            tokens.append('{token}'); count += 1
            print('appended', flush=True)
            for _ in range({(int)(seconds * TurnsPerSecond)}):
                time.sleep({1.0 / TurnsPerSecond})
                print('on', flush=True)
            len(tokens), count
            """));
    }
}
