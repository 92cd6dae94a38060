namespace Notebook.Raft.Runtime;

/// <summary>What a host has seen since it began.</summary>
/// <param name="FramesSent">Frames that the transport took.</param>
/// <param name="FramesRefused">Frames that the transport did not take.</param>
/// <param name="FramesReceived">Frames that came in.</param>
/// <param name="MessagesSent">Messages in the frames that the transport took.</param>
/// <param name="MessagesDropped">Messages that had no room or no server to go to.</param>
/// <param name="UnknownGroups">Messages that came for a group which is not open here.</param>
/// <param name="UnknownMembers">Messages that came from a member of which it is not known where it lives.</param>
/// <param name="Faults">Frames with a <see cref="PeerFault"/>.</param>
/// <param name="Ticks">Rounds of ticks.</param>
/// <param name="SnapshotsTooLarge">Own snapshots that were over the limit.</param>
public readonly record struct HostCounters(
    long FramesSent, long FramesRefused, long FramesReceived, long MessagesSent, long MessagesDropped, long UnknownGroups,
    long UnknownMembers, long Faults, long Ticks, long SnapshotsTooLarge);

/// <summary>Counts, from any thread.</summary>
internal sealed class HostCounts
{
    public long FramesSent;
    public long FramesRefused;
    public long FramesReceived;
    public long MessagesSent;
    public long MessagesDropped;
    public long UnknownGroups;
    public long UnknownMembers;
    public long Faults;
    public long Ticks;
    public long SnapshotsTooLarge;

    public HostCounters Read() => new(
        Volatile.Read(ref FramesSent), Volatile.Read(ref FramesRefused), Volatile.Read(ref FramesReceived),
        Volatile.Read(ref MessagesSent), Volatile.Read(ref MessagesDropped), Volatile.Read(ref UnknownGroups),
        Volatile.Read(ref UnknownMembers), Volatile.Read(ref Faults), Volatile.Read(ref Ticks),
        Volatile.Read(ref SnapshotsTooLarge));
}
