namespace Notebook.Raft;

/// <summary>How a leader sends to one peer.</summary>
internal enum PeerPace : byte
{
    /// <summary>It is not known what the peer has: one message, then wait for its answer.</summary>
    Probe,

    /// <summary>The logs match: send ahead, up to the window.</summary>
    Replicate,

    /// <summary>The peer needs entries that are discarded: a snapshot goes first, piece by piece.</summary>
    Snapshot,
}

/// <summary>What a leader knows of one other member. 0 &lt;= <see cref="Match"/> &lt; <see cref="Next"/>.</summary>
internal sealed class Peer(MemberId id, long next)
{
    private Queue<long>? _inFlight;   // the last index of each unanswered append; null while there is none

    public MemberId Id => id;

    /// <summary>The last entry that is known to be on the peer's disk and the same as ours.</summary>
    public long Match { get; private set; }

    /// <summary>The next entry to send.</summary>
    public long Next { get; private set; } = next;

    public PeerPace Pace { get; private set; } = PeerPace.Probe;

    /// <summary>Whether it said anything since the leader looked last.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>The latest heartbeat round that it answered.</summary>
    public long Round { get; set; }

    /// <summary>Whether a probe or a snapshot piece is on its way, so that nothing else is sent before an answer or a heartbeat.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>An empty append is due, because what was sent may be lost.</summary>
    public bool IsPoked { get; set; }

    /// <summary><see cref="Match"/> when the peer answered a heartbeat last: no progress between two means loss.</summary>
    public long MatchAtHeartbeat { get; set; } = -1;

    /// <summary>The snapshot being sent: its end, where it goes on, and answered heartbeats since its last progress.</summary>
    public EntryId SnapshotLast { get; private set; }

    public long SnapshotOffset { get; private set; }

    public int SnapshotStalls { get; set; }

    public int InFlight => _inFlight?.Count ?? 0;

    public bool HasRoom(int window) => Pace switch
    {
        PeerPace.Replicate => InFlight < window,
        PeerPace.Probe or PeerPace.Snapshot => !IsWaiting,
        _ => false,
    };

    /// <summary>The logs match up to here. Answers may come late and in any order.</summary>
    public void Accepted(long index)
    {
        Match = Math.Max(Match, index);
        Next = Math.Max(Next, Match + 1);
        while (_inFlight is { Count: > 0 } && _inFlight.Peek() <= index) _inFlight.Dequeue();
        if (InFlight == 0) _inFlight = null;
    }

    /// <summary>Entries up to here were sent ahead.</summary>
    public void Sent(long through)
    {
        Next = through + 1;
        (_inFlight ??= new()).Enqueue(through);
    }

    /// <summary>Back to asking, from an index that is after <see cref="Match"/>.</summary>
    public void BecomeProbe(long next)
    {
        Become(PeerPace.Probe);
        Next = Math.Max(next, Match + 1);
    }

    public void BecomeReplicate()
    {
        Become(PeerPace.Replicate);
        Next = Match + 1;
    }

    public void BecomeSnapshot(EntryId last)
    {
        Become(PeerPace.Snapshot);
        SnapshotLast = last;
        SnapshotOffset = 0;
    }

    /// <summary>The peer has the snapshot up to here.</summary>
    public void SnapshotContinues(long offset)
    {
        SnapshotOffset = offset;
        SnapshotStalls = 0;
        IsWaiting = false;
    }

    private void Become(PeerPace pace)
    {
        Pace = pace;
        IsWaiting = false;
        IsPoked = false;
        SnapshotStalls = 0;
        _inFlight = null;
    }
}
