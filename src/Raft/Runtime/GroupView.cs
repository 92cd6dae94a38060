using System.Collections.Immutable;

namespace Notebook.Raft.Runtime;

/// <summary>One member of one group at one moment.</summary>
/// <param name="Role">Its term, part and leader.</param>
/// <param name="Commit">The highest index that it knows to be committed.</param>
/// <param name="Applied">The highest index that was handed to the state machine.</param>
/// <param name="Last">Its last entry.</param>
/// <param name="Membership">Who belongs to the group, as far as it knows.</param>
/// <param name="IsResting">Whether it rests: no messages and no ticks.</param>
/// <param name="Peers">How far the others are; empty where it does not lead.</param>
/// <param name="Ended">Why it takes part no more; null while it does.</param>
public sealed record GroupView(
    RoleView Role, long Commit, long Applied, EntryId Last, Membership Membership, bool IsResting,
    ImmutableArray<PeerView> Peers, string? Ended);
