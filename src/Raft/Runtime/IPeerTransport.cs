namespace Notebook.Raft.Runtime;

/// <summary>
/// Carries frames to the other agents. Frames may get lost, and then Raft repeats what was in them; what arrives should
/// arrive in order. What comes in goes to <see cref="RaftHost.Receive"/>, and the state of the links to
/// <see cref="RaftHost.PeerUp"/> and <see cref="RaftHost.PeerDown"/>.
/// </summary>
public interface IPeerTransport
{
    /// <summary>
    /// Sends a frame, or takes it to be sent, without waiting. Called under no lock of the runtime, for one server by one
    /// thread at a time.
    /// </summary>
    /// <param name="server">The agent's server.</param>
    /// <param name="frame">The frame; the transport may keep it.</param>
    /// <returns>False when there is no link or it has no room: the frame is lost, and Raft repeats what was in it.</returns>
    bool TrySend(string server, ReadOnlyMemory<byte> frame);
}
