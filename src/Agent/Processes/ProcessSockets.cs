using System.Buffers.Binary;
using Notebook.Agent.Processes.Memory;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Processes;

/// <summary>
/// The sockets to one kernel process, and the one thread that uses them. Other threads put messages into the inbox and
/// wake it. What comes from the process is handed out on this thread, in the order of each socket.
/// </summary>
internal sealed class ProcessSockets
{
    private const int BatchSize = 64;   // messages of one socket before the others have their turn
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(50);
    private static readonly byte[] s_besideMark = "memory:"u8.ToArray();   // memory.py
    private static readonly Channel?[] s_channels = [null, Channel.Iopub, Channel.Shell, Channel.Control, Channel.Stdin];

    private readonly MessageSigner _signer;
    private readonly ProcessInbox _inbox = new();
    private readonly Action<Channel, FramedMessage> _received;
    private readonly Action<Channel, JupyterFormatException> _malformed;
    private readonly MemorySocket? _memory;
    private readonly ZmqSocket[] _sockets;   // as s_channels
    private readonly List<ReadOnlyMemory<byte>>?[] _ready = new List<ReadOnlyMemory<byte>>?[s_channels.Length];   // the first that waits, where its socket was full
    private readonly ZmqWakeup _wakeup;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ending;

    public ProcessSockets(
        ZmqContext zmq,
        KernelConnection connection,
        string id,
        Action<Channel, FramedMessage> received,
        Action<Channel, JupyterFormatException> malformed,
        MemorySocket? memory = null)
    {
        _memory = memory;
        (_received, _malformed, _signer, _wakeup) = (received, malformed, new MessageSigner(connection.Key), new ZmqWakeup(zmq));
        var identity = $"agent-{Guid.NewGuid():N}";   // shell and stdin share it: questions go to who asked
        ZmqSocket Open(ZmqSocketType type, int port)
        {
            var socket = new ZmqSocket(zmq, type);
            if (type == ZmqSocketType.Dealer) socket.Set(ZmqOption.RoutingId, identity);
            if (type == ZmqSocketType.Sub) socket.Set(ZmqOption.Subscribe, "");
            socket.Connect(connection.Address(port));
            return socket;
        }

        _sockets =
        [
            _wakeup.Socket,
            Open(ZmqSocketType.Sub, connection.IopubPort),
            Open(ZmqSocketType.Dealer, connection.ShellPort),
            Open(ZmqSocketType.Dealer, connection.ControlPort),
            Open(ZmqSocketType.Dealer, connection.StdinPort),
        ];
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = $"kernel {id}" };
        _thread.Start();
    }

    /// <summary>Completes when the thread has ended and the sockets are closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sends a message; false when too many wait already.</summary>
    public bool TrySend(Channel channel, JupyterMessage message)
    {
        if (!_inbox.TryAdd(channel, message)) return false;
        _wakeup.Wake();
        return true;
    }

    /// <summary>Reads what the process said before it ended, then closes the sockets.</summary>
    public void Close()
    {
        _ending = true;
        _wakeup.Wake();
    }

    private void Run()
    {
        try
        {
            var poller = new ZmqPoller(_sockets);
            while (!_ending)
            {
                poller.Wait(null);
                if (poller.CanRead(0)) _wakeup.FallAsleep();
                for (var socket = 1; socket < _sockets.Length; socket++)
                {
                    if (socket > 1) poller.WantWrite(socket, !SendWaiting(socket));
                    if (poller.CanRead(socket)) Receive(socket);
                }
            }

            while (poller.Wait(s_lastWords))
            {
                var any = false;
                for (var socket = 1; socket < _sockets.Length; socket++)
                    if (poller.CanRead(socket)) any |= Receive(socket);
                if (!any) break;
            }
        }
        catch (ZmqException e) when (e.IsTermination)
        {
            // The agent ends.
        }
        finally
        {
            _wakeup.Dispose();
            foreach (var socket in _sockets) socket.Dispose();
            _memory?.Dispose();
            _signer.Dispose();
            _ended.SetResult();
        }
    }

    /// <summary>False when the socket is full, and messages still wait.</summary>
    private bool SendWaiting(int socket)
    {
        var channel = s_channels[socket]!.Value;
        while (_inbox.TryPeek(channel, out var message))
        {
            if (!_sockets[socket].TrySend(_ready[socket] ??= Build(message))) return false;
            _ready[socket] = null;
            _inbox.Remove(channel);
        }

        return true;
    }

    // Large buffers go as memory, of which a frame before the message says the number and the lengths.
    private List<ReadOnlyMemory<byte>> Build(JupyterMessage message)
    {
        long bytes = 0;
        foreach (var buffer in message.Buffers) bytes += buffer.Length;
        if (bytes < MemorySocket.WorthIt || _memory?.TryGive(message.Buffers) is not { } number) return ZmqFraming.Build(message, _signer);
        var beside = new byte[s_besideMark.Length + (sizeof(ulong) * (message.Buffers.Count + 1))];
        s_besideMark.CopyTo(beside, 0);
        var numbers = beside.AsSpan(s_besideMark.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(numbers, number);
        for (var i = 0; i < message.Buffers.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(numbers[(sizeof(ulong) * (i + 1))..], (ulong)message.Buffers[i].Length);
        return ZmqFraming.Build(message with { Buffers = [] }, _signer, [beside]);
    }

    private bool Receive(int socket)
    {
        var channel = s_channels[socket]!.Value;
        for (var n = 0; n < BatchSize; n++)
        {
            try
            {
                if (_sockets[socket].TryReceive(borrow: channel == Channel.Iopub) is not { } frames) return n > 0;
                IReadOnlyList<ReadOnlyMemory<byte>> parts = frames.Count == 1 ? PackedFrames.Open(frames[0], number => Claim(channel, number)) : frames;
                _received(channel, ZmqFraming.Parse(parts, _signer));
                GC.KeepAlive(frames);   // borrowed, while spans of them were looked at
                GC.KeepAlive(parts);
            }
            catch (JupyterFormatException e)
            {
                _malformed(channel, e);
            }
        }

        return true;
    }

    // Memory is borrowed, too: on the other channels nobody sees to it that it is held while spans of it are looked at.
    private ReadOnlyMemory<byte> Claim(Channel channel, ulong number) => _memory is { } memory && channel == Channel.Iopub
        ? memory.Claim(number).Memory
        : throw new JupyterFormatException($"a message on {channel} names memory {number}, which is taken on iopub from kernels of ours alone");
}
