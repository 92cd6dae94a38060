using System.Text;
using Google.Protobuf;
using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// The reply of a cell whose executor was lost just when the cell had ended, as the log has it. What else the cell may have
/// said is not in the log, and its user is told so. No clock, no IO.
/// </summary>
internal static class RecalledReply
{
    /// <summary>The <c>ename</c> of a cell that counts, and of which the log does not say how it ended.</summary>
    public const string Unknown = "ReplyLost";

    private const string Kept = "What it changed is kept, and it is not run again.";

    /// <summary>Makes it.</summary>
    /// <param name="cell">What the log says of the cell.</param>
    /// <param name="server">The server that ran it.</param>
    /// <param name="isDurable">Whether an <c>ok</c> promises that large values are with a majority too: here nobody knows that of them.</param>
    public static JupyterFrame Of(EndedCell cell, string server, bool isDurable)
    {
        var content = cell.Reply;
        if (content.IsEmpty)
        {
            var count = Encoding.UTF8.GetBytes($"{{\"execution_count\":{cell.Execution}}}");
            content = ErrorContent.OfReply(Unknown, $"the kernel process on server {server} was lost with this cell's reply. {Kept}", count);
        }

        var notice = $"[notebook] the kernel process on server {server} was lost just when this cell had ended. {Kept} "
            + "Outputs of its last moments may be missing.";
        if (MessageContent.Text(content.Span, "status"u8) == "error")
            notice += $" It ended with {MessageContent.Text(content.Span, "ename"u8)}: {MessageContent.Text(content.Span, "evalue"u8)}";
        if (isDurable && cell.LargeBytes > 0)
        {
            var shortfall = $"the cell ran, and its kernel process on server {server} was lost before it was certain that all {cell.LargeBytes} bytes of "
                + "large values that it made were on a majority of the servers. What did not arrive is on that server's disk. Do not run the cell again for that.";
            notice += $" {NotDurable.Name}: {shortfall}";
            if (MessageContent.Text(content.Span, "status"u8) == "ok") content = ErrorContent.OfReply(NotDurable.Name, shortfall, content);
        }

        return new JupyterFrame
        {
            Channel = Channel.Shell,
            MessageType = "execute_reply",
            ParentId = cell.MessageId,
            Content = UnsafeByteOperations.UnsafeWrap(content),
            Notice = notice,
        };
    }
}
