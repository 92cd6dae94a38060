using System.Text;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Rig.Client;

/// <summary>Straight to a kernel's sockets, as jupyter_client does it. For one caller at a time, which waits in libzmq itself: no thread between.</summary>
public sealed class ZmqTransport : IKernelTransport
{
    private const ZmqOption ReconnectInterval = (ZmqOption)18;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly string[] s_channels = ["shell", "control", "stdin", "iopub"];
    private readonly ZmqSocket[] _sockets;
    private readonly ZmqPoller _poller;
    private readonly MessageSigner _signer;

    public ZmqTransport(ZmqContext context, KernelConnection connection)
    {
        _signer = new MessageSigner(connection.Key);
        var identity = Guid.NewGuid().ToString("N");
        ZmqSocket Dealer(int port)
        {
            // Looks often for a kernel that is still starting: the default of 100 ms would count as its start time.
            var socket = new ZmqSocket(context, ZmqSocketType.Dealer).Set(ZmqOption.RoutingId, identity).Set(ReconnectInterval, 5);
            socket.Connect(connection.Address(port));
            return socket;
        }

        var iopub = new ZmqSocket(context, ZmqSocketType.Sub).Set(ZmqOption.Subscribe, "").Set(ReconnectInterval, 5);
        iopub.Connect(connection.Address(connection.IopubPort));
        _sockets = [Dealer(connection.ShellPort), Dealer(connection.ControlPort), Dealer(connection.StdinPort), iopub];
        _poller = new ZmqPoller(_sockets);
    }

    /// <summary>Whether anything came on iopub: a subscription takes effect some time after it was made, and nothing tells when.</summary>
    public bool IsSubscribed { get; private set; }

    public ValueTask SendAsync(string channel, JupyterMessage message, CancellationToken stop = default)
    {
        var socket = _sockets[Array.IndexOf(s_channels, channel)];
        if (!socket.TrySend(ZmqFraming.Build(message, _signer))) throw new IOException($"the {channel} socket is full");
        return ValueTask.CompletedTask;
    }

    public ValueTask<ClientMessage> ReceiveAsync(CancellationToken stop = default)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            for (var i = 0; i < _sockets.Length; i++)
            {
                if (_sockets[i].TryReceive() is not { } frames) continue;
                IsSubscribed |= s_channels[i] == "iopub";
                var framed = ZmqFraming.Parse(frames, _signer);
                if (!framed.SignatureIsRight)
                    throw new JupyterFormatException($"a wrong signature on {s_channels[i]}: {Encoding.UTF8.GetString(framed.Message.Header.Span)}");
                return ValueTask.FromResult(new ClientMessage(s_channels[i], framed.Message));
            }

            _poller.Wait(s_look);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Dispose();
        _signer.Dispose();
        return ValueTask.CompletedTask;
    }
}
