namespace Notebook.Raft;

/// <summary>How far another member is, as the leader knows it.</summary>
/// <param name="Member">The member.</param>
/// <param name="Match">The last entry that it is known to have on its disk.</param>
/// <param name="IsReceivingSnapshot">Whether it needs entries that are discarded, and gets a snapshot first.</param>
public readonly record struct PeerView(MemberId Member, long Match, bool IsReceivingSnapshot);
