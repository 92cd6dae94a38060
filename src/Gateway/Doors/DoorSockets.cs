using System.Globalization;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Gateway.Doors;

/// <summary>The five sockets of a door, as a kernel has them.</summary>
internal sealed class DoorSockets : IDisposable
{
    private const int LingerMilliseconds = 1000;
    private const int MaxWord = 64 << 10;   // of heartbeats and subscriptions, which nobody signs: real ones have a few bytes

    /// <summary>Binds the sockets.</summary>
    /// <param name="zmq">libzmq.</param>
    /// <param name="connection">Where; a port that is 0 may be any.</param>
    /// <param name="maxMessageBytes">The largest frame that is taken.</param>
    /// <exception cref="ZmqException">A port is in use, or the address is not of this machine.</exception>
    public DoorSockets(ZmqContext zmq, KernelConnection connection, long maxMessageBytes)
    {
        try
        {
            Shell = Open(ZmqSocketType.Router, connection.ShellPort, maxMessageBytes, out var shell);
            Iopub = Open(ZmqSocketType.XPub, connection.IopubPort, MaxWord, out var iopub);
            Stdin = Open(ZmqSocketType.Router, connection.StdinPort, maxMessageBytes, out var stdin);
            Control = Open(ZmqSocketType.Router, connection.ControlPort, maxMessageBytes, out var control);
            Heartbeat = Open(ZmqSocketType.Router, connection.HeartbeatPort, MaxWord, out var heartbeat);
            Connection = connection with { ShellPort = shell, IopubPort = iopub, StdinPort = stdin, ControlPort = control, HeartbeatPort = heartbeat };
        }
        catch (ZmqException)
        {
            Dispose();
            throw;
        }

        ZmqSocket Open(ZmqSocketType type, int port, long most, out int bound)
        {
            var socket = new ZmqSocket(zmq, type).Set(ZmqOption.MaxMessageSize, most).Set(ZmqOption.Linger, LingerMilliseconds);
            try
            {
                if (type == ZmqSocketType.XPub) socket.Set(ZmqOption.XPubVerboser, 1).Set(ZmqOption.XPubNoDrop, 1);
                else socket.Set(ZmqOption.RouterHandover, 1).Set(ZmqOption.RouterMandatory, 1);
                socket.Bind(port == 0 ? $"tcp://{connection.Ip}:*" : connection.Address(port));
                bound = int.Parse(socket.LastEndpoint.AsSpan(socket.LastEndpoint.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>Where they are.</summary>
    public KernelConnection Connection { get; }

    public ZmqSocket Shell { get; } = null!;

    public ZmqSocket Iopub { get; } = null!;

    public ZmqSocket Stdin { get; } = null!;

    public ZmqSocket Control { get; } = null!;

    public ZmqSocket Heartbeat { get; } = null!;

    public void Dispose()
    {
        foreach (var socket in (ZmqSocket?[])[Shell, Iopub, Stdin, Control, Heartbeat]) socket?.Dispose();
    }
}
