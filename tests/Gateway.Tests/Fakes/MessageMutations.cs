using System.Text;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>Makes requests that are wrong in their parts, whatever frames they go in.</summary>
internal sealed class MessageMutations(Random random)
{
    private static readonly (SocketChannel Channel, string Type, string Content)[] s_right =
    [
        (SocketChannel.Shell, "execute_request", """{"code":"%%gpu 1\nprint(1)","silent":false,"store_history":true,"user_expressions":{"a":"b"},"allow_stdin":true,"stop_on_error":true}"""),
        (SocketChannel.Shell, "complete_request", """{"code":"pri","cursor_pos":3}"""),
        (SocketChannel.Shell, "connect_request", """{"a":1}"""),
        (SocketChannel.Shell, "comm_msg", """{"comm_id":"c","data":{"method":"update","state":{}}}"""),
        (SocketChannel.Stdin, "input_reply", """{"value":"x"}"""),
        (SocketChannel.Control, "interrupt_request", """{"a":1}"""),
        (SocketChannel.Control, "debug_request", """{"type":"request","seq":1,"command":"debugInfo","arguments":{}}"""),
    ];

    private const string Metadata = """{"resource_request":{"gpus":1,"vram":2,"cpus":3,"memory":4},"cellId":"x"}""";
    private readonly JsonMutations _json = new(random);

    /// <summary>A request that makes sense.</summary>
    public SocketMessage Right(string session = "vandal")
    {
        var (channel, type, content) = s_right[random.Next(s_right.Length)];
        return Of(channel, type, Encoding.UTF8.GetBytes(content), session);
    }

    /// <summary>A request one part of which may make none. No request here ends a kernel: that is anybody's right.</summary>
    public SocketMessage Next()
    {
        var right = Right();
        return random.Next(8) switch
        {
            0 => right with { Header = _json.Next(Encoding.UTF8.GetString(right.Header.Span)) },
            1 => right with { ParentHeader = _json.Next(Encoding.UTF8.GetString(right.Header.Span)) },
            2 => right with { Metadata = _json.Next(Metadata) },
            3 => right with { Header = LongIds() },
            4 => right with { Header = Surrogates("msg_type", "execute_request") },
            5 => Of(SocketChannel.Shell, "execute_request", default, "vandal") with { Metadata = Surrogates("resource_request", "{}"), Content = Surrogates("code", "1+1") },
            6 => right with { Metadata = Encoding.UTF8.GetBytes($$"""{"resource_request":{"\ud800":1,"gp\ud800":2} }""") },
            _ => Of(SocketChannel.Shell, "execute_request", _json.Next(s_right[0].Content), "vandal"),
        };
    }

    private static SocketMessage Of(SocketChannel channel, string type, ReadOnlyMemory<byte> content, string session) => new(
        channel, MessageBuilder.WriteHeader(MessageBuilder.NewId(), type, session, "me", DateTimeOffset.UnixEpoch),
        "{}"u8.ToArray(), "{}"u8.ToArray(), content, []);

    private byte[] LongIds()
    {
        string Text() => new('i', random.Next(2) == 0 ? random.Next(1, 20) : random.Next(500, 100_000));
        return MessageBuilder.WriteHeader(Text(), Text(), Text(), Text(), DateTimeOffset.UnixEpoch);
    }

    // Halves of pairs, in names that begin like one that is looked for.
    private byte[] Surrogates(string name, string value) => Encoding.UTF8.GetBytes(
        $$"""{"{{name[..random.Next(name.Length)]}}\ud800{{name[random.Next(name.Length)..]}}":"\udfff","msg_id":"{{MessageBuilder.NewId()}}","{{name}}":"{{value}}"}""");
}
