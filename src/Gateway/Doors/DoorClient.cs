using Notebook.Gateway.Clients;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Doors;

/// <summary>All ZMQ clients of a kernel, as one client of its hub: what one of them subscribes to, all get who did.</summary>
/// <param name="door">Their door.</param>
/// <param name="hub">The hub; a door that was without clients for a while may come to another one.</param>
internal sealed class DoorClient(ZmqDoor door, KernelHub hub) : KernelClient
{
    private volatile bool _hasToSend;

    public KernelHub Hub => hub;

    /// <summary>Whether the hub has something for the door's thread.</summary>
    public bool HasToSend => _hasToSend;

    public override int MaxSessions => ZmqDoor.MaxSessions;

    public override int Connections => door.Subscribers;

    public override void Pump()
    {
        if (!hub.TryBeginSending(this)) return;
        _hasToSend = true;
        door.Wake();
    }

    /// <summary>The next entry to send; null when there is none, or the hub sends the client away.</summary>
    public OutEntry? Next(OutEntry? sent, out SocketClose? close)
    {
        _hasToSend = false;   // before the hub is asked: it may have more at once
        var next = hub.Next(this, sent, out close);
        if (next is not null) _hasToSend = true;
        return next;
    }

    /// <summary>Nothing to do: the door's thread sees to subscribers that do not keep up.</summary>
    public override void CheckProgress()
    {
    }

    public override void Left()
    {
    }
}
