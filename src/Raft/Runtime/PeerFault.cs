namespace Notebook.Raft.Runtime;

/// <summary>What a peer sent that no well one sends. The link to it should be broken with this as the reason.</summary>
public abstract record PeerFault
{
    private PeerFault()
    {
    }

    /// <summary>It speaks another version of the frames.</summary>
    /// <param name="Version">Its version.</param>
    public sealed record OtherVersion(int Version) : PeerFault;

    /// <summary>The bytes are not a frame of messages.</summary>
    /// <param name="Found">What was found.</param>
    public sealed record Malformed(string Found) : PeerFault;

    /// <summary>It speaks for a member that lives on another server.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Member">For whom it speaks.</param>
    /// <param name="Home">Where that member lives.</param>
    public sealed record SpeaksForAnother(GroupId Group, MemberId Member, string Home) : PeerFault;

    /// <summary>It sends a snapshot over the limit.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Bytes">The snapshot's size.</param>
    /// <param name="Limit">The limit (<see cref="RaftHostOptions.MaxSnapshotBytes"/>).</param>
    public sealed record SnapshotTooLarge(GroupId Group, long Bytes, long Limit) : PeerFault;
}
