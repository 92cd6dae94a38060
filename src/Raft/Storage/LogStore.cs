using System.Collections.Concurrent;
using System.Collections.Immutable;
using Notebook.Raft.Storage.Disks;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Recovery;
using Notebook.Raft.Storage.Snapshots;

namespace Notebook.Raft.Storage;

/// <summary>
/// The log of all groups of one server: their records stand in one sequence of append-only segments, in the order in
/// which they were written, so that one sync makes the writes of many groups durable.
/// <para>
/// <see cref="Write"/>, <see cref="Append"/>, <see cref="Sync"/>, <see cref="Mark"/> and <see cref="Reclaim()"/> belong to one
/// thread (<see cref="LogWriter"/> has it in an agent); groups are read, and writes staged, from any. There is no clock
/// and no thread in here. A failed write or sync other than a full disk leaves by an exception, and then the store must
/// not be used any more: what is on disk is known again only after it was opened anew.
/// </para>
/// </summary>
public sealed partial class LogStore : IDisposable
{
    private readonly IDisk _disk;
    private readonly IDisposable _diskLock;
    private readonly LogStoreOptions _options;
    private readonly SegmentedLog _log;
    private readonly ConcurrentDictionary<GroupId, GroupLog> _groups = new();
    private readonly List<GroupLog> _withTombstone = [];
    private readonly List<GroupLog> _damaged = [];
    private readonly EntryCache _cache;
    private long _lastFile;

    private LogStore(IDisk disk, IDisposable diskLock, LogStoreOptions options)
    {
        (_disk, _diskLock, _options) = (disk, diskLock, options);
        (_log, _cache) = (new SegmentedLog(disk, options.SegmentBytes), new EntryCache(options.CacheBytes));
    }

    /// <summary>All groups that have a log here.</summary>
    public IEnumerable<GroupId> Groups => _groups.Values.Where(g => !g.IsRemoved).Select(g => g.Id);

    /// <summary>The groups that lost something, as recovery found them, without those that were healed or reset since.</summary>
    public ImmutableArray<GroupDamage> Damages => [.. _damaged.Select(g => g.Damage).OfType<GroupDamage>()];

    /// <summary>Bytes of a torn end that recovery cut off. They were never durable, so never acknowledged.</summary>
    public long CutBytes { get; private set; }

    /// <summary>How much it holds.</summary>
    public StoreSize Size
    {
        get
        {
            var segments = _log.Segments;
            return new StoreSize(segments.Sum(s => s.Length), segments.Sum(s => s.LiveBytes), segments.Count);
        }
    }

    /// <summary>Opens a store, or makes one in an empty folder, and recovers what a crash left.</summary>
    /// <exception cref="StoreRefusedException">The folder is another cluster's, another server's or in use.</exception>
    public static LogStore Open(IDisk disk, StoreIdentity identity, LogStoreOptions? options = null)
    {
        var diskLock = disk.TryLock() ?? throw new StoreRefusedException("the log store is in use by another process");
        var store = new LogStore(disk, diskLock, options ?? new LogStoreOptions());
        try
        {
            StoreFile.Claim(disk, identity);
            store.Recover();
            return store;
        }
        catch (IOException)
        {
            store.Close();
            throw;
        }
    }

    /// <summary>
    /// A group's log; an empty one for a group that has none yet. After <see cref="StageRemoval"/> it must be asked for anew.
    /// Look at <see cref="GroupLog.Damage"/> before a member is started on it.
    /// </summary>
    public GroupLog Group(GroupId id)
    {
        // Locked against the end of a removed group: what is handed out stays.
        lock (_groups) return _groups.GetOrAdd(id, static (key, log) => new GroupLog(key, log), _log).Revive();
    }

    /// <summary>A group's log, for reading; null when there is none here.</summary>
    public IGroupLog? Find(GroupId id) => _groups.TryGetValue(id, out var group) && !group.IsRemoved ? group : null;

    /// <summary>
    /// Writes for several groups. Their logs show it at once. When the disk is full they show it too, but none of it is on
    /// disk: the writes wait, and the next call (also one without new writes) tries them again, before newer ones.
    /// </summary>
    /// <exception cref="ArgumentException">A write does not fit its group's log.</exception>
    /// <exception cref="InvalidOperationException">A group is damaged.</exception>
    public WriteOutcome Write(params IReadOnlyList<GroupWrite> writes)
    {
        foreach (var write in writes) Enqueue(Stage(write));
        return Append();
    }

    /// <summary>
    /// Puts back what a group lost, from a peer. Allowed only for entries with the very term and index that were lost (<see
    /// cref="GroupDamage.CanHeal"/>, or those that <see cref="LogCorruptedException"/> named): by Raft's log matching
    /// property (section 5.3) these are the same bytes, so the member knows all again that it ever promised. Durable after
    /// the next sync; the group is well when everything is back.
    /// </summary>
    /// <exception cref="ArgumentException">An entry is not one that was lost.</exception>
    public WriteOutcome Heal(GroupId group, ImmutableArray<Entry> entries)
    {
        Enqueue(StageHeal(group, entries));
        return Append();
    }

    /// <summary>
    /// Empties a group that lost something which nobody can name. A member that forgot what it promised must never act for
    /// the one that promised, or an entry that a majority acknowledged could be lost, or a vote be given twice. So, as in
    /// protocol-aware recovery (Alagappan et al., FAST 2018) and reconfiguration on disk loss (Raft
    /// dissertation, chapter 4): (1) the group's leader removes this member; (2) it adds a new member, with an id that was
    /// never used, here, as a learner, which counts in no majority; (3) now, and not earlier, this call empties the log;
    /// (4) the learner gets a snapshot and all entries from the leader; (5) it is promoted.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="state">The new member's first hard state: its term at least the highest that is known here.</param>
    public WriteOutcome ResetAfterDamage(GroupId group, HardState state)
    {
        Enqueue(StageReset(group, state));
        return Append();
    }

    /// <summary>Removes a group and all of its data; what it took is freed as segments are reclaimed.</summary>
    public WriteOutcome Remove(GroupId group)
    {
        Enqueue(StageRemoval(group));
        return Append();
    }

    /// <summary>Takes a write into its group's view; it must be given to <see cref="Enqueue"/>, in this order for each group.</summary>
    internal StagedWrite Stage(GroupWrite write) => Group(write.Group).Stage(write, NewFile);

    internal StagedWrite StageHeal(GroupId group, ImmutableArray<Entry> entries) => Group(group).StageHeal(entries);

    internal StagedWrite StageReset(GroupId group, HardState state) => Group(group).StageReset(state);

    internal StagedWrite StageRemoval(GroupId group) => Group(group).StageReset(null);

    /// <summary>Closes the store; what was not synced is not durable.</summary>
    public void Dispose() => Close();

    private void Close()
    {
        _batch.Dispose();
        _log.Dispose();
        _diskLock.Dispose();
    }

    private SnapshotFile NewFile(SnapshotInfo info) => new(_disk, Interlocked.Increment(ref _lastFile), info);

    private void Recover()
    {
        var recovery = new LogRecovery(_disk);
        recovery.Run(_log);

        // What was found counts as durable from now on, so it must be: after the death of a process alone it may not have been.
        _log.Current?.File.Sync();
        CutBytes = recovery.CutBytes;
        _lastFile = _disk.List().Select(SnapshotFile.NumberOf).OfType<long>().DefaultIfEmpty(0).Max();
        var kept = new HashSet<string>();
        foreach (var (id, records) in recovery.Records)
        {
            var found = GroupReplay.Run(id, records, recovery.LostSequences.GetValueOrDefault(id));
            Restore(id, found, kept);
            foreach (var record in records) CountIfLive(record);
        }

        foreach (var name in _disk.List().Where(n => SnapshotFile.NumberOf(n) is not null && !kept.Contains(n))) _disk.Delete(name);
        MarkRecovered(recovery);
    }

    private void MarkRecovered(LogRecovery recovery)
    {
        if (_log.Current is null) return;
        var from = LogPosition.Of(recovery.MarkedTo);
        if (from.IsNone) from = new(_log.Segments[0].Number, Segment.HeaderSize);
        foreach (var (id, records) in recovery.Records)
            foreach (var record in records.Where(r => r.At.CompareTo(from) >= 0)) _durable.Add(id, record.Header.Sequence);
        _durable.Extend(from, _log.End);
    }

    private void Restore(GroupId id, GroupReplay.Result found, HashSet<string> kept)
    {
        SnapshotFile? file = null;
        if (found.Base is { Snapshot: { } info, File: var number })
        {
            _lastFile = Math.Max(_lastFile, number);
            kept.Add(SnapshotFile.NameOf(number));
            file = SnapshotFile.Find(_disk, number, info);
            if (file is null)
            {
                var missing = new GroupDamage(id, 0, 0, false, true, false, $"{SnapshotFile.NameOf(number)} is missing or too short");
                found = found with { Damage = (found.Damage ?? missing) with { SnapshotLost = true, CanHeal = false } };
            }
        }

        var group = _groups[id] = new GroupLog(id, _log);
        group.Restore(found, file);
        if (found.Damage is not null) _damaged.Add(group);
        if (!found.TombstoneAt.IsNone) _withTombstone.Add(group);
    }

    private void CountIfLive(in FoundRecord record)
    {
        if (_groups[record.Header.Group].Needs(record.Header, record.At)) _log.Find(record.At.Segment)!.LiveBytes += record.Header.TotalSize;
    }
}
