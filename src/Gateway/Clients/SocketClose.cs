using System.Net.WebSockets;
using System.Text;

namespace Notebook.Gateway.Clients;

/// <summary>
/// Why a client's WebSocket is closed by us. JupyterLab takes 1000 and 1001 as final and comes back after any other
/// code, so 1000 is for kernels that are no more, and 1012 for everything that passes.
/// </summary>
internal sealed record SocketClose(WebSocketCloseStatus Code, string Reason)
{
    private const WebSocketCloseStatus ComeBack = (WebSocketCloseStatus)1012;

    public static readonly SocketClose Stopping = new(ComeBack, "the gateway is stopping; connect again");
    public static readonly SocketClose Slow = new(ComeBack, "this client does not take its messages fast enough; connect again");
    public static readonly SocketClose CutOff = new(ComeBack, "a message was cut off on its way to the gateway; connect again to get it");
    public static readonly SocketClose ByClient = new(WebSocketCloseStatus.NormalClosure, "");

    public static SocketClose TooLarge(long limit) =>
        new(WebSocketCloseStatus.MessageTooBig, $"a message is larger than {limit} bytes (--max-message-size)");

    public static SocketClose Malformed(string fault) => new(WebSocketCloseStatus.InvalidPayloadData, Short(fault));

    public static SocketClose KernelGone(string? reason) =>
        new(WebSocketCloseStatus.NormalClosure, Short(reason is null ? "the kernel has ended" : $"the kernel has ended: {reason}"));

    /// <summary>A close frame has room for 123 bytes of reason.</summary>
    private static string Short(string reason)
    {
        var length = Math.Min(reason.Length, 120);
        while (Encoding.UTF8.GetByteCount(reason.AsSpan(0, length)) > 123) length--;
        return reason[..length];
    }
}
