using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// Holds a running cell's reply and the <c>idle</c> that closes its outputs until both are there, and until what the cell
/// changed is on the disks of a majority of the replicas (design, section 4, rule 1). Reply and idle come on two sockets,
/// and a large output can be overtaken by the reply; <c>idle</c> cannot, it follows the outputs on their own socket. So
/// clients see: outputs, reply, idle, and the reply is a promise.
/// </summary>
internal sealed class CellSettlement
{
    private JupyterFrame? _reply;
    private JupyterFrame? _idle;
    private bool _isSafe;
    private string? _shortfall;

    /// <summary>What the notebook has set for the cells that follow, when what the cell changed is safe; null where its process did not say.</summary>
    public CellDefault? CellDefault { get; private set; }

    /// <summary>Whether all three are there.</summary>
    public bool IsComplete => _reply is not null && _idle is not null && _isSafe;

    /// <summary>Whether the reply can be a promise, also if the other message never comes.</summary>
    public bool CanRelease => _isSafe && (_reply is not null || _idle is not null);

    /// <summary>What the cell changed is safe, or it changed nothing.</summary>
    /// <param name="shortfall">What is not as safe as its kernel wants it, for the user; null for nothing.</param>
    /// <param name="cellDefault">What the notebook has set for the cells that follow.</param>
    public void Secure(string? shortfall = null, CellDefault? cellDefault = null) => (_isSafe, _shortfall, CellDefault) = (true, shortfall, cellDefault);

    /// <summary>Takes the message if it is one of the two of cell <paramref name="messageId"/>.</summary>
    public bool TryHold(string messageId, JupyterFrame frame)
    {
        if (frame.ParentId != messageId) return false;
        if (frame is { Channel: Channel.Shell, MessageType: "execute_reply" }) _reply = frame;
        else if (frame is { Channel: Channel.Iopub, MessageType: "status" }
            && MessageContent.Text(frame.Content.Span, "execution_state"u8) == "idle") _idle = frame;
        else return false;
        return true;
    }

    /// <summary>Forgets what is held: the process is gone.</summary>
    public void Drop() => (_reply, _idle, _isSafe, _shortfall, CellDefault) = (null, null, false, null, null);

    /// <summary>Lets go of what is held, in order, and says how the cell ended.</summary>
    public (IReadOnlyList<JupyterFrame> Frames, ExecutionPhase Phase, string Reason) Release()
    {
        JupyterFrame? error = null;
        if (_shortfall is { } shortfall && _reply is { } reply) (error, _reply) = NotDurable.Tell(reply, shortfall);
        JupyterFrame[] frames = [.. new[] { error, _reply, _idle }.OfType<JupyterFrame>()];
        var (phase, reason) = Outcome(_reply);
        Drop();
        return (frames, phase, reason);
    }

    private static (ExecutionPhase Phase, string Reason) Outcome(JupyterFrame? reply) =>
        reply is null ? (ExecutionPhase.ExecutionFailed, "the kernel process gave no reply") : Outcome(reply.Content.Span);

    /// <summary>How a cell ended, by the content of its reply.</summary>
    public static (ExecutionPhase Phase, string Reason) Outcome(ReadOnlySpan<byte> content) =>
        MessageContent.Text(content, "status"u8) switch
        {
            "ok" => (ExecutionPhase.ExecutionSucceeded, ""),
            "error" => (ExecutionPhase.ExecutionFailed, MessageContent.Text(content, "ename"u8) ?? "error"),
            var other => (ExecutionPhase.ExecutionFailed, other ?? "no status"),
        };
}
