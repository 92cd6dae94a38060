namespace Notebook.Raft;

/// <summary>What only a leader has; it ends with the leadership, so that a follower costs nothing for it.</summary>
/// <param name="termStart">The index of the leader's first entry: once it is committed, all before it is.</param>
internal sealed class Leadership(long termStart)
{
    private Queue<int>? _uncommittedSizes;
    private long _uncommittedThrough = termStart;

    /// <summary>The index of the leader's first entry.</summary>
    public long TermStart { get; } = termStart;

    /// <summary>All other members.</summary>
    public List<Peer> Peers { get; } = [];

    /// <summary>The latest heartbeat round; each answers the question whether we lead still.</summary>
    public long Round { get; set; }

    /// <summary>Reads that wait, oldest first; null for none.</summary>
    public List<PendingRead>? Reads { get; set; }

    /// <summary>Reads came since the latest round began, so another must begin.</summary>
    public bool NeedsRound { get; set; }

    /// <summary>To whom leadership goes, if it does.</summary>
    public MemberId TransferTarget { get; set; }

    /// <summary>Ticks since the transfer began.</summary>
    public int TransferTicks { get; set; }

    /// <summary>Ticks since the latest heartbeat, and since the leader looked for its quorum.</summary>
    public int HeartbeatTicks { get; set; }

    /// <summary>Ticks since the group was used.</summary>
    public int IdleTicks { get; set; }

    /// <summary>Bytes proposed and not committed.</summary>
    public long UncommittedBytes { get; private set; }

    /// <summary>Entries proposed and not committed.</summary>
    public int UncommittedEntries => _uncommittedSizes?.Count ?? 0;

    public Peer? Find(MemberId id) => Peers.Find(peer => peer.Id == id);

    /// <summary>The next entry after the last one proposed.</summary>
    public void Proposed(int bytes)
    {
        (_uncommittedSizes ??= new()).Enqueue(bytes);
        UncommittedBytes += bytes;
    }

    public void Committed(long through)
    {
        while (_uncommittedThrough < through && _uncommittedSizes is { Count: > 0 })
        {
            UncommittedBytes -= _uncommittedSizes.Dequeue();
            _uncommittedThrough++;
        }
        if (UncommittedEntries == 0) _uncommittedSizes = null;
    }
}

/// <summary>A read that waits.</summary>
/// <param name="Read">The caller's number.</param>
/// <param name="Round">The heartbeat round that confirms it.</param>
/// <param name="Index">The commit index when it was asked for, at least the start of the leader's term.</param>
internal readonly record struct PendingRead(long Read, long Round, long Index);
