using Google.Protobuf;
using Notebook.JupyterWire;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// The answer to a cell that ran, of a kernel whose replies promise more than could be had: that its large values are on a
/// majority of the servers too. An <c>ok</c> would be that promise, so the reply becomes an error; one that is an error
/// already stays. Either way an error among the outputs says what is and what is not safe.
/// </summary>
internal static class NotDurable
{
    /// <summary>Its <c>ename</c>.</summary>
    public const string Name = "NotDurable";

    /// <summary>The message among the outputs, and the reply in place of the process's.</summary>
    public static (JupyterFrame Error, JupyterFrame Reply) Tell(JupyterFrame reply, string text)
    {
        var header = JupyterHeader.Parse(reply.Header.Span);
        var id = $"{header.MessageId}_not_durable";
        var error = reply.Clone();
        (error.Channel, error.MessageType, error.MessageId) = (Channel.Iopub, "error", id);
        error.Header = UnsafeByteOperations.UnsafeWrap(MessageBuilder.WriteHeader(id, "error", header.Session, header.Username, header.Date));
        error.Metadata = ByteString.CopyFromUtf8("{}");
        error.Buffers.Clear();
        error.Content = UnsafeByteOperations.UnsafeWrap(ErrorContent.OfOutput(Name, text));
        if (MessageContent.Text(reply.Content.Span, "status"u8) != "ok") return (error, reply);
        var told = reply.Clone();
        told.Content = UnsafeByteOperations.UnsafeWrap(ErrorContent.OfReply(Name, text, reply.Content.Memory));
        return (error, told);
    }
}
