using System.Net.Sockets;
using System.Text;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>A peer of a ZMQ socket that keeps to no pattern: what a libzmq of its own would not let it send, it sends.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly TcpClient _tcp = new();

    /// <summary>Greets as ZMTP 3.0 has it, without security. What is said before the other side is ready is a fault there, so it waits for that.</summary>
    public static async Task<RawPeer> ConnectAsync(string host, int port, string socketType)
    {
        var peer = new RawPeer();
        await peer._tcp.ConnectAsync(host, port);
        var greeting = new byte[64];
        (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
        "NULL"u8.CopyTo(greeting.AsSpan(12));
        byte[] ready = [5, .. "READY"u8, 11, .. "Socket-Type"u8, 0, 0, 0, (byte)socketType.Length, .. Encoding.ASCII.GetBytes(socketType)];
        await peer.SendBytesAsync([.. greeting, 4, (byte)ready.Length, .. ready]);
        await using var stream = new NetworkStream(peer._tcp.Client, ownsSocket: false);
        await stream.ReadExactlyAsync(greeting);
        var head = new byte[2];   // flags, length
        await stream.ReadExactlyAsync(head);
        await stream.ReadExactlyAsync(new byte[head[1]]);
        return peer;
    }

    /// <summary>Sends a message of these frames, each of at most 255 bytes.</summary>
    public Task SendAsync(params byte[][] frames) =>
        SendBytesAsync([.. frames.SelectMany((frame, i) => (byte[])[(byte)(i < frames.Length - 1 ? 1 : 0), (byte)frame.Length, .. frame])]);

    /// <summary>Sends bytes that may be no frames; to a socket that has cut it off for what it sent, none.</summary>
    public async Task SendBytesAsync(byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;) sent += await _tcp.Client.SendAsync(bytes.AsMemory(sent));
        }
        catch (SocketException)
        {
            // Cut off is as good as refused.
        }
    }

    public void Dispose() => _tcp.Dispose();
}
