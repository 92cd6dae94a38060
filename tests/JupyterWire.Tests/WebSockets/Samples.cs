using System.Text;
using Notebook.JupyterWire.WebSockets;
using Xunit;

namespace Notebook.JupyterWire.Tests.WebSockets;

internal static class Samples
{
    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static SocketMessage Message(SocketChannel channel = SocketChannel.Shell, params byte[][] buffers) => new(
        channel,
        Bytes("""{"msg_id":"a","msg_type":"execute_request","session":"s"}"""),
        Bytes("{}"),
        Bytes("""{"x":[1,2]}"""),
        Bytes("""{"code":"print('zß水🍌')"}"""),
        [.. buffers.Select(b => (ReadOnlyMemory<byte>)b)]);

    public static void AssertSame(SocketMessage expected, SocketMessage actual)
    {
        Assert.Equal(expected.Channel, actual.Channel);
        Assert.Equal(Text(expected.Header), Text(actual.Header));
        Assert.Equal(Text(expected.ParentHeader), Text(actual.ParentHeader));
        Assert.Equal(Text(expected.Metadata), Text(actual.Metadata));
        Assert.Equal(Text(expected.Content), Text(actual.Content));
        Assert.Equal(expected.Buffers.Select(b => b.ToArray()), actual.Buffers.Select(b => b.ToArray()));
    }
}
