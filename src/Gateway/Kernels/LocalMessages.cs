using System.Text.Json;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// The messages that the gateway says for a kernel: what happened to cells whose process cannot say it any more, and
/// the kernel's own end. In the kernel's session, so that clients take them for the kernel's word.
/// </summary>
internal sealed class LocalMessages(string session, TimeProvider time)
{
    private readonly MessageBuilder _builder = new(session, "kernel", time);

    /// <summary>The whole answer to a cell that ended without its own reply.</summary>
    /// <param name="ending">How it ended.</param>
    /// <param name="parent">The request's header, as it came.</param>
    /// <param name="started">Whether its client has had <c>busy</c> for it.</param>
    public IEnumerable<OutMessage> Ended(CellEnding ending, ReadOnlyMemory<byte> parent, bool started)
    {
        if (!started) yield return Status("busy", parent);
        if (ending.Kind == CellEndKind.Aborted)
        {
            yield return Message(SocketChannel.Shell, "execute_reply", parent, json => json.WriteString("status"u8, "aborted"));
        }
        else
        {
            var name = ending.Kind switch
            {
                CellEndKind.ExecutorLost => "ExecutorLost",
                CellEndKind.StateNotKept => "StateNotKept",
                CellEndKind.ReplyLost => "ReplyLost",
                _ => "CellRefused",
            };
            var value = ending.Reason ?? "the cell could not be run; run it again";
            yield return Message(SocketChannel.Iopub, "error", parent, json => WriteError(json, name, value));
            yield return Message(SocketChannel.Shell, "execute_reply", parent, json =>
            {
                json.WriteString("status"u8, "error");
                WriteError(json, name, value);
                json.WriteNumber("execution_count"u8, Math.Max(0, ending.Execution));
                json.WriteStartArray("payload"u8);
                json.WriteEndArray();
                json.WriteStartObject("user_expressions"u8);
                json.WriteEndObject();
            });
        }

        yield return Status("idle", parent);
    }

    /// <summary>The rest of the answer to a cell whose reply comes from the kernel's log, since its executor was lost.</summary>
    /// <param name="notice">What the user is told beside it.</param>
    /// <param name="content">The reply's content.</param>
    /// <param name="parent">The request's header, as it came.</param>
    /// <param name="started">Whether its client has had <c>busy</c> for it.</param>
    public IEnumerable<OutMessage> Recalled(string notice, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> parent, bool started)
    {
        if (!started) yield return Status("busy", parent);
        yield return Notice(notice, parent);
        yield return OutMessage.Of(SocketChannel.Shell, _builder.Build("execute_reply", content, parent), "execute_reply");
        yield return Status("idle", parent);
    }

    /// <summary>The whole answer to a request that the gateway serves itself.</summary>
    public IEnumerable<OutMessage> Reply(SocketChannel channel, string type, ReadOnlyMemory<byte> parent, Action<Utf8JsonWriter> content)
    {
        yield return Status("busy", parent);
        yield return Message(channel, type, parent, content);
        yield return Status("idle", parent);
    }

    /// <summary>The kernel's state, with the request that it is about, or none.</summary>
    public OutMessage Status(string state, ReadOnlyMemory<byte> parent = default) =>
        Message(SocketChannel.Iopub, "status", parent, json => json.WriteString("execution_state"u8, state));

    /// <summary>The kernel's end, and why, for those who read it.</summary>
    public OutMessage Dead(string? reason) => Message(SocketChannel.Iopub, "status", default, json =>
    {
        json.WriteString("execution_state"u8, "dead");
        if (reason is not null) json.WriteString("reason"u8, reason);
    });

    /// <summary>A comm has ended that a cell opened and that nobody has any more.</summary>
    public OutMessage CommClosed(string commId, ReadOnlyMemory<byte> parent) => Message(SocketChannel.Iopub, "comm_close", parent, json =>
    {
        json.WriteString("comm_id"u8, commId);
        json.WriteStartObject("data"u8);
        json.WriteEndObject();
    });

    /// <summary>The debugger that a client had attached is not any more.</summary>
    public OutMessage DebuggingEnded() => Message(SocketChannel.Iopub, "debug_event", default, json =>
    {
        json.WriteString("type"u8, "event");
        json.WriteString("event"u8, "terminated");
        json.WriteNumber("seq"u8, 0);
        json.WriteStartObject("body"u8);
        json.WriteEndObject();
    });

    /// <summary>A line in the cell's output.</summary>
    public OutMessage Notice(string text, ReadOnlyMemory<byte> parent) => Message(SocketChannel.Iopub, "stream", parent, json =>
    {
        json.WriteString("name"u8, "stderr");
        json.WriteString("text"u8, text + "\n");
    });

    /// <summary>A header for a request that this gateway has not seen itself.</summary>
    public byte[] HeaderOf(string messageId) => MessageBuilder.WriteHeader(messageId, "execute_request", "", "", time.GetUtcNow());

    private OutMessage Message(SocketChannel channel, string type, ReadOnlyMemory<byte> parent, Action<Utf8JsonWriter> content) =>
        OutMessage.Of(channel, _builder.Build(type, json =>
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }, parent), type);

    private static void WriteError(Utf8JsonWriter json, string name, string value)
    {
        json.WriteString("ename"u8, name);
        json.WriteString("evalue"u8, value);
        json.WriteStartArray("traceback"u8);
        json.WriteStringValue($"{name}: {value}");
        json.WriteEndArray();
    }
}
