using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// What ties a kernel's clients to one process of it: comms that are open, such as those of widgets, and a debugger that is
/// attached. They end with the process. Seen from the messages to and from it. No clock, no IO.
/// </summary>
internal sealed class ProcessTies
{
    /// <summary>How many comms are told apart; with more than that, all of them count as open until the process ends.</summary>
    public const int MaxComms = 10_000;

    private readonly HashSet<string> _comms = [];
    private bool _tooMany;
    private bool _isDebugged;

    /// <summary>What there is; null for nothing.</summary>
    public string? Reason => _isDebugged ? "a debugger is attached" : _comms.Count > 0 || _tooMany ? "comms are open" : null;

    /// <summary>Whether a debugger is attached.</summary>
    public bool IsDebugged => _isDebugged;

    /// <summary>The debugger was let go.</summary>
    public void EndDebugging() => _isDebugged = false;

    /// <summary>A message to the process, or from it.</summary>
    /// <returns>Whether <see cref="Reason"/> is another one now.</returns>
    public bool Note(JupyterFrame message)
    {
        var before = Reason;
        switch (message.MessageType)
        {
            case "comm_open" when CommOf(message) is { } opened:
                if (_comms.Count < MaxComms) _comms.Add(opened);
                else _tooMany = true;
                break;
            case "comm_close" when CommOf(message) is { } closed:
                _comms.Remove(closed);
                break;
            case "debug_request":
                var command = MessageContent.Text(message.Content.Span, "command"u8);
                if (command == "attach") _isDebugged = true;
                else if (command == "disconnect") _isDebugged = false;
                break;
        }

        return before != Reason;
    }

    /// <summary>The process is gone.</summary>
    public void Clear()
    {
        _comms.Clear();
        (_tooMany, _isDebugged) = (false, false);
    }

    private static string? CommOf(JupyterFrame message) => MessageContent.Text(message.Content.Span, "comm_id"u8);
}
