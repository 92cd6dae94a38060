using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// Holds a running cell's reply and the <c>idle</c> that closes its outputs until both are there. They come on two
/// sockets, and a large output can be overtaken by the reply; <c>idle</c> cannot, it follows the outputs on their own
/// socket. So clients see: outputs, reply, idle.
/// </summary>
internal sealed class CellSettlement
{
    private JupyterFrame? _reply;
    private JupyterFrame? _idle;

    /// <summary>Whether one of the two is there, and the other is not.</summary>
    public bool IsHalf => _reply is null != _idle is null;

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

    /// <summary>Lets go of what is held, in order, and says how the cell ended.</summary>
    public (IReadOnlyList<JupyterFrame> Frames, ExecutionPhase Phase, string Reason) Release()
    {
        JupyterFrame[] frames = [.. new[] { _reply, _idle }.OfType<JupyterFrame>()];
        var (phase, reason) = Outcome(_reply);
        (_reply, _idle) = (null, null);
        return (frames, phase, reason);
    }

    private static (ExecutionPhase Phase, string Reason) Outcome(JupyterFrame? reply)
    {
        if (reply is null) return (ExecutionPhase.ExecutionFailed, "the kernel process gave no reply");
        var content = reply.Content.Span;
        return MessageContent.Text(content, "status"u8) switch
        {
            "ok" => (ExecutionPhase.ExecutionSucceeded, ""),
            "error" => (ExecutionPhase.ExecutionFailed, MessageContent.Text(content, "ename"u8) ?? "error"),
            var other => (ExecutionPhase.ExecutionFailed, other ?? "no status"),
        };
    }
}
