namespace Notebook.Agent.Peers;

/// <summary>What to do about a link at a tick.</summary>
internal enum PeerPulseAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Say that we are alive: nothing else was said for a while.</summary>
    Ping,

    /// <summary>Give the link up: its peer is frozen, or out of reach.</summary>
    Break,
}

/// <summary>
/// Judges whether the peer of a link is alive by how much was sent and has arrived. It counts ticks, not time: when this
/// process itself stood still, that is one late tick and no silence of its peers.
/// </summary>
internal sealed class PeerPulse
{
    /// <summary>Between two ticks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long nothing is sent before the peer is told that we are alive, 1 s.</summary>
    public static readonly TimeSpan Idle = 4 * Interval;

    /// <summary>How long a peer may say nothing, 4 s: it says something every second.</summary>
    public static readonly TimeSpan Silence = 16 * Interval;

    private long _sent, _received;
    private int _ticksIdle, _ticksSilent;

    /// <summary>An <see cref="Interval"/> has passed.</summary>
    /// <param name="sent">Frames sent so far, without pings.</param>
    /// <param name="received">Bytes received so far.</param>
    public PeerPulseAction Tick(long sent, long received)
    {
        _ticksIdle = sent == _sent ? _ticksIdle + 1 : 0;
        _ticksSilent = received == _received ? _ticksSilent + 1 : 0;
        (_sent, _received) = (sent, received);
        if (_ticksSilent * Interval >= Silence) return PeerPulseAction.Break;
        if (_ticksIdle * Interval < Idle) return PeerPulseAction.None;
        _ticksIdle = 0;
        return PeerPulseAction.Ping;
    }
}
