using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes.Memory;

/// <summary>
/// Beside the ZMQ sockets of a kernel process of ours: large parts of messages go both ways as memory without a name, so
/// that nobody copies them through a socket. Memory is sent first, by a number, and a message names the number afterwards.
/// It is sealed before it is sent, and the system frees it when both sides have done with it, however they end. Used by one
/// thread.
/// </summary>
internal sealed class MemorySocket : IDisposable
{
    /// <summary>Parts from this size on are worth it, 1 MiB.</summary>
    public const int WorthIt = 1 << 20;

    private const int MaxUnclaimed = 16;
    private readonly Queue<(ulong Number, SafeFileHandle? Memory)> _unclaimed = [];
    private readonly Socket _listener;
    private Socket? _peer;
    private ulong _sent;

    private MemorySocket(string path)
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    /// <summary>Waits for the process at a path in the agent's private folder; null where the system has no such memory.</summary>
    public static MemorySocket? Listen(string path) => OperatingSystem.IsLinux() ? new(path) : null;

    /// <summary>Memory that the process has sent, before the message that names it.</summary>
    /// <exception cref="JupyterFormatException">None came by this number, or it is none that can be used.</exception>
    public MappedMemory Claim(ulong number)
    {
        using var memory = Find(number) ?? throw new JupyterFormatException($"a message names memory {number}, which did not come before it");
        return MappedMemory.Open(memory);
    }

    /// <summary>Gives the process parts in memory, each from a multiple of 64 bytes on.</summary>
    /// <returns>The number to name it by; null when the process takes none now.</returns>
    public ulong? TryGive(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        if (Peer is not { } peer) return null;
        if (BuffersMemory.Of(parts) is { File: { } ready } holder)
        {
            var isSent = LibC.TrySend(peer.SafeHandle, _sent + 1, ready);
            GC.KeepAlive(holder);
            return isSent ? ++_sent : null;
        }

        if (LibC.NewMemory() is not { } memory) return null;
        using (memory)
        {
            try
            {
                var starts = SharedLayout.StartsOf([.. parts.Select(part => part.Length)]);
                for (var i = 0; i < parts.Count; i++) RandomAccess.Write(memory, parts[i].Span, starts[i]);
                RandomAccess.SetLength(memory, starts[^1]);   // an empty last part has its place too
            }
            catch (IOException)
            {
                return null;   // the machine has none left
            }

            return LibC.TrySeal(memory) && LibC.TrySend(peer.SafeHandle, _sent + 1, memory) ? ++_sent : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _peer?.Dispose();
        foreach (var (_, memory) in _unclaimed) memory?.Dispose();
        _unclaimed.Clear();
    }

    // The process connects before it says anything at all.
    private Socket? Peer => _peer ??= _listener.Poll(0, SelectMode.SelectRead) ? _listener.Accept() : null;

    // Messages of several channels may come in another order than their memory.
    private SafeFileHandle? Find(ulong number)
    {
        for (var i = _unclaimed.Count; i > 0; i--)
        {
            var earlier = _unclaimed.Dequeue();
            if (earlier.Number == number) return earlier.Memory;
            _unclaimed.Enqueue(earlier);
        }

        while (Peer is { } peer && LibC.TryReceive(peer.SafeHandle, out var received, out var memory))
        {
            if (received == number) return memory;
            _unclaimed.Enqueue((received, memory));
            if (_unclaimed.Count > MaxUnclaimed) _unclaimed.Dequeue().Memory?.Dispose();
        }

        return null;
    }
}
