using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

/// <summary>The measures of an agent's Raft runtime.</summary>
public sealed record RaftHostOptions
{
    /// <summary>The measures of each group, in ticks and bytes.</summary>
    public RaftOptions Group { get; init; } = new();

    /// <summary>The bounds of the log writer.</summary>
    public WriterOptions Writer { get; init; } = new();

    /// <summary>How long a tick is. With 10 ticks as the election timeout, a leader whose link just goes silent is replaced within 1 to 2 s.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Most groups that are open at a time.</summary>
    public int MaxGroups { get; init; } = 100_000;

    /// <summary>Most bytes of one frame, unless a single message is larger; and of one that is accepted, twice that and one entry more.</summary>
    public int MaxFrameBytes { get; init; } = 1 << 20;

    /// <summary>Most bytes that wait for one peer's transport; more is dropped, as the network might have done.</summary>
    public int MaxOutboxBytes { get; init; } = 64 << 20;

    /// <summary>Entries after which a snapshot is taken.</summary>
    public int SnapshotEntries { get; init; } = 4096;

    /// <summary>Bytes of entries after which a snapshot is taken.</summary>
    public long SnapshotEntryBytes { get; init; } = 16 << 20;

    /// <summary>Entries that are kept before a snapshot's end, for members that are a little behind.</summary>
    public int KeepEntries { get; init; } = 256;

    /// <summary>Most bytes of a snapshot, our own or a peer's.</summary>
    public int MaxSnapshotBytes { get; init; } = 256 << 20;

    /// <summary>Checks that the measures fit together.</summary>
    /// <exception cref="ArgumentException">They do not; the message names the one at fault.</exception>
    public void Validate()
    {
        Group.Validate();
        if (TickInterval <= TimeSpan.Zero) throw new ArgumentException($"{nameof(TickInterval)} is {TickInterval}");
        long[] sizes = [MaxGroups, MaxFrameBytes, MaxOutboxBytes, SnapshotEntries, SnapshotEntryBytes, MaxSnapshotBytes];
        if (sizes.Any(size => size < 1)) throw new ArgumentException("a limit of the Raft runtime is not positive");
        if (KeepEntries < 0) throw new ArgumentException($"{nameof(KeepEntries)} is negative");
    }
}
