namespace Notebook.Raft;

/// <summary>The measures of a group. Times are in ticks, so that the core needs no clock: the caller says how long a tick is.</summary>
public sealed record RaftOptions
{
    /// <summary>
    /// The minimum election timeout; each member draws its own from here up to twice this (Raft, section 5.2). It is
    /// also how long a vote is refused after a leader was heard, and how often a leader looks for its quorum.
    /// </summary>
    public int ElectionTicks { get; init; } = 10;

    /// <summary>Ticks between a leader's heartbeats; well below <see cref="ElectionTicks"/>.</summary>
    public int HeartbeatTicks { get; init; } = 2;

    /// <summary>Ticks without use after which a group whose members have everything goes to rest; 0 for never.</summary>
    public int RestAfterTicks { get; init; } = 20;

    /// <summary>
    /// Most bytes of one entry; more is refused (<see cref="ProposeOutcome.TooLarge"/>). What is sent behind an entry waits for it,
    /// heartbeats too: this much takes a quarter of the election timeout on a link of 1 Gbit/s.
    /// </summary>
    public int MaxEntryBytes { get; init; } = 16 << 20;

    /// <summary>Most bytes of entries in one message, unless a single entry is larger.</summary>
    public int MaxMessageBytes { get; init; } = 256 << 10;

    /// <summary>Most append messages to one peer that it has not answered; then its answers set the pace.</summary>
    public int MaxInFlight { get; init; } = 32;

    /// <summary>Most bytes that a leader holds uncommitted; then proposals are refused (<see cref="ProposeOutcome.Busy"/>).</summary>
    public int MaxUncommittedBytes { get; init; } = 16 << 20;

    /// <summary>Most entries that a leader holds uncommitted, for those that carry few bytes.</summary>
    public int MaxUncommittedEntries { get; init; } = 4096;

    /// <summary>Most reads that wait for confirmation; then they are refused (<see cref="ReadOutcome.Busy"/>).</summary>
    public int MaxPendingReads { get; init; } = 1024;

    /// <summary>Bytes of one piece of a snapshot, in a message and in a write.</summary>
    public int SnapshotPieceBytes { get; init; } = 256 << 10;

    /// <summary>Entries that a learner may be behind the leader when it is promoted.</summary>
    public int PromotionLag { get; init; } = 16;

    /// <summary>Checks that the measures fit together.</summary>
    /// <exception cref="ArgumentException">They do not; the message names the one at fault.</exception>
    public void Validate()
    {
        if (HeartbeatTicks < 1) throw new ArgumentException($"{nameof(HeartbeatTicks)} is {HeartbeatTicks}; at least 1");
        if (ElectionTicks <= HeartbeatTicks)
            throw new ArgumentException($"{nameof(ElectionTicks)} is {ElectionTicks}; more than {nameof(HeartbeatTicks)}");
        if (RestAfterTicks < 0) throw new ArgumentException($"{nameof(RestAfterTicks)} is negative");
        int[] sizes = [MaxEntryBytes, MaxMessageBytes, MaxInFlight, MaxUncommittedBytes, MaxUncommittedEntries,
            MaxPendingReads, SnapshotPieceBytes];
        if (sizes.Any(size => size < 1)) throw new ArgumentException("a limit of a group is not positive");
        if (PromotionLag < 0) throw new ArgumentException($"{nameof(PromotionLag)} is negative");
    }
}
