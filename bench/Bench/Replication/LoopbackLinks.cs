using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Notebook.Raft.Runtime;

namespace Notebook.Bench.Replication;

/// <summary>Real sockets on the loopback between hosts in one process: a connection and a reading thread for each way.</summary>
internal sealed class LoopbackLinks : IDisposable
{
    private readonly ConcurrentDictionary<(string From, string To), Socket> _ways = new();
    private readonly List<Socket> _ends = [];

    public IPeerTransport Of(string server) => new Transport(this, server);

    public void Connect(string from, string to, RaftHost receiver)
    {
        var (ours, theirs) = Pair();
        _ways[(from, to)] = ours;
        _ends.AddRange([ours, theirs]);
        new Thread(() => Receive(theirs, from, receiver)) { IsBackground = true }.Start();
    }

    /// <summary>Two ends of one connection.</summary>
    public static (Socket Ours, Socket Theirs) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        ours.Connect(listener.LocalEndPoint!);
        var theirs = listener.Accept();
        theirs.NoDelay = true;
        return (ours, theirs);
    }

    /// <summary>Fills a buffer; false when the connection ended.</summary>
    public static bool Fill(Socket socket, Span<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = socket.Receive(buffer);
                if (read == 0) return false;
                buffer = buffer[read..];
            }
            return true;
        }
        catch (SocketException)
        {
            return false;   // the other end closed while frames were on their way
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (var end in _ends) end.Dispose();
    }

    private static void Receive(Socket socket, string from, RaftHost receiver)
    {
        var length = new byte[4];
        while (Fill(socket, length))
        {
            var frame = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
            if (!Fill(socket, frame)) return;
            if (receiver.Receive(from, frame) is { } fault) throw new InvalidOperationException($"{from} sent {fault}");
        }
    }

    private sealed class Transport(LoopbackLinks links, string server) : IPeerTransport
    {
        public bool TrySend(string to, ReadOnlyMemory<byte> frame)
        {
            if (!links._ways.TryGetValue((server, to), out var socket)) return false;
            var bytes = new byte[4 + frame.Length];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Length);
            frame.Span.CopyTo(bytes.AsSpan(4));
            try
            {
                return socket.Send(bytes) == bytes.Length;
            }
            catch (SocketException)
            {
                return false;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }
}
