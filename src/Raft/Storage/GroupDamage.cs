namespace Notebook.Raft.Storage;

/// <summary>
/// What a group's log has lost on this server. Until it is healed or reset the member must neither vote nor acknowledge:
/// it may have promised what it no longer knows. See <see cref="LogStore.Heal"/> and <see cref="LogStore.ResetAfterDamage"/>.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="From">The first entry that may be lost; 0 when no entry is.</param>
/// <param name="Through">The last entry that may be lost; <see cref="long.MaxValue"/> when the log's end itself is not known.</param>
/// <param name="HardStateLost">Whether a later term or vote may have been promised than the one that is known.</param>
/// <param name="SnapshotLost">Whether the snapshot, or where the log begins, is lost.</param>
/// <param name="CanHeal">Whether term and index of everything lost are known, so that <see cref="LogStore.Heal"/> can put it back.</param>
/// <param name="Found">What was found, and where.</param>
public sealed record GroupDamage(
    GroupId Group, long From, long Through, bool HardStateLost, bool SnapshotLost, bool CanHeal, string Found);
