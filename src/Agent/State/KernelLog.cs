using System.Collections.Immutable;
using Notebook.Objects;
using Notebook.Raft;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;

namespace Notebook.Agent.State;

/// <summary>What became of a change that was to be committed.</summary>
internal abstract record CommitResult
{
    /// <summary>A majority of the replicas has it on disk, and it counts.</summary>
    public sealed record Committed : CommitResult;

    /// <summary>It does not count, or nobody knows whether it does: what the process holds is not the kernel's state.</summary>
    /// <param name="Reason">Why, for the user.</param>
    public sealed record Failed(string Reason) : CommitResult;

    /// <summary>It was not even proposed: the kernel's state is as before, for certain.</summary>
    /// <param name="Reason">Why, and what to do, for the user.</param>
    public sealed record Refused(string Reason) : CommitResult;
}

/// <summary>
/// One replica's side of its kernel's log: what was committed, in memory back to the latest snapshot, so that any process
/// can be brought to the present; and the way to commit more. Applied on Raft's threads, read on any.
/// </summary>
internal sealed class KernelLog : IStateMachine
{
    private static readonly TimeSpan s_busyPause = TimeSpan.FromMilliseconds(20);
    private const int MaxBusyTries = 250;

    // A leader that hears nothing of a majority for an election timeout steps down. That may have been a moment's trouble of
    // the network or of busy servers, and what a cell has computed is worth waiting for its end; but its user waits, too.
    private static readonly TimeSpan s_regainLimit = TimeSpan.FromSeconds(3);
    private readonly Lock _lock = new();
    private readonly StateRules _rules = new();
    private readonly List<StateEntry.Change> _changes = [];   // accepted ones after the snapshot, without gaps
    private readonly int _self;
    private readonly TimeProvider _time;
    private StateSnapshot? _snapshot;
    private StateSnapshot? _next;                             // taken from a process, not yet asked for
    private readonly LogReferences _references = new();
    private bool _wantsSnapshot;
    private RaftGroup? _group;

    /// <summary>Makes the side of replica <paramref name="self"/>.</summary>
    public KernelLog(int self, TimeProvider time) => (_self, _time) = (self, time);

    /// <summary>Raised after something was committed, or a leader was lost or found, on a thread of Raft's: handlers must be quick.</summary>
    public event Action? Advanced;

    /// <summary>
    /// Raised when a snapshot has taken the place of entries, with the chunks that the log names no more once that is on disk;
    /// handlers must be quick.
    /// </summary>
    public event Action<IReadOnlySet<ChunkRef>>? Shortened;

    /// <summary>Raised when the log was found damaged, with what was found: it is of no use any more.</summary>
    public event Action<string>? Broken;

    /// <summary>The number of the last change; 0 before the first.</summary>
    public long Sequence
    {
        get
        {
            lock (_lock) return _rules.Sequence;
        }
    }

    /// <summary>Bytes of large values that the log names.</summary>
    public long LargeBytes
    {
        get
        {
            lock (_lock) return _references.Bytes;
        }
    }

    /// <summary>The cell that the last change is of; null before the first, or where that was not noted.</summary>
    public EndedCell? LastCell
    {
        get
        {
            lock (_lock) return _rules.LastCell;
        }
    }

    /// <summary>Whether a snapshot is wanted: the log asked for one that it could not have yet.</summary>
    public bool WantsSnapshot
    {
        get
        {
            lock (_lock) return _wantsSnapshot;
        }
    }

    /// <summary>The group has been opened for this.</summary>
    public void Join(RaftGroup group) => _group = group;

    /// <summary>The group, for status and membership.</summary>
    public RaftGroup Group => _group ?? throw new InvalidOperationException("the kernel's group is not open");

    /// <summary>Whether this replica leads the group.</summary>
    public bool IsLeader => Group.View.Role.Role == RaftRole.Leader;

    /// <summary>Whether the latest lead that was committed is this replica's: the last cell ran here, or was to.</summary>
    public bool IsExecutorHere
    {
        get
        {
            lock (_lock) return _rules.Leader == _self;
        }
    }

    /// <summary>Whether the latest lead that was committed is another replica's.</summary>
    public bool IsExecutorElsewhere
    {
        get
        {
            lock (_lock) return _rules.Leader != 0 && _rules.Leader != _self;
        }
    }

    /// <summary>Whether cells of an epoch may run here at once: this replica leads, and it was committed that it does.</summary>
    public bool IsLedHere(long epoch)
    {
        lock (_lock)
        {
            if (_rules.Epoch != epoch || _rules.Leader != _self) return false;
        }

        return IsLeader;
    }

    /// <summary>The epoch in which this replica is the executor; null while another one is, or none.</summary>
    public long? EpochHere
    {
        get
        {
            lock (_lock) return _rules.Leader == _self ? _rules.Epoch : null;
        }
    }

    /// <summary>Whether another replica has been made the leader in a later epoch.</summary>
    public bool IsLedElsewhere(long epoch)
    {
        lock (_lock) return _rules.Epoch > epoch && _rules.Leader != _self;
    }

    /// <summary>What a process at change <paramref name="sequence"/> needs next; null when it has everything.</summary>
    public StatePiece? After(long sequence)
    {
        lock (_lock)
        {
            if (sequence >= _rules.Sequence) return null;
            if (_snapshot is { } snapshot && sequence < snapshot.Sequence) return new(snapshot.Inline, snapshot.Sequence, snapshot.Blobs);
            var change = _changes[(int)(sequence - (_snapshot?.Sequence ?? 0))];
            return new(change.Inline, change.Sequence, change.Blobs);
        }
    }

    /// <summary>The large values that the snapshot and the changes after it name, each once.</summary>
    public IReadOnlyCollection<ChunkRef> Chunks()
    {
        lock (_lock) return [.. (_snapshot?.Blobs ?? []).Concat(_changes.SelectMany(change => change.Blobs)).Distinct()];
    }

    /// <summary>Makes this replica the leader of the epoch, and waits until everything before that is applied here.</summary>
    /// <returns>Why it could not be, or null.</returns>
    public async Task<string?> LeadAsync(long execution, long epoch, TimeSpan limit, CancellationToken cancel)
    {
        var since = _time.GetTimestamp();
        while (true)
        {
            var left = limit - _time.GetElapsedTime(since);
            var led = await Group.LeadAsync(left, cancel);
            if (led is not LeadOutcome.Leading) return Explain(led, limit);
            if (IsLedHere(epoch)) return null;
            var outcome = await ProposeAsync(new StateEntry.Lead(execution, _self, epoch), cancel);
            if (IsLeadershipLost(outcome) && _time.GetElapsedTime(since) < limit) continue;
            if (outcome is not CommitOutcome.Committed) return Explain(outcome);
            return IsLedHere(epoch) ? null : $"a later executor leads the kernel than epoch {epoch}";
        }
    }

    /// <summary>Commits a change; on return it is on the disks of a majority of the replicas, or it does not count.</summary>
    public async ValueTask<CommitResult> CommitAsync(StateEntry.Change change, CancellationToken cancel)
    {
        var outcome = await ProposeAsync(change, cancel);
        if (outcome is CommitOutcome.TooLarge or CommitOutcome.DiskFull or CommitOutcome.Busy) return new CommitResult.Refused(Explain(outcome));
        if (IsLeadershipLost(outcome)) outcome = await RegainAsync(change, outcome, cancel);
        if (outcome is not CommitOutcome.Committed) return new CommitResult.Failed(Explain(outcome));
        lock (_lock)
        {
            return _rules.Epoch == change.Epoch && _rules.Sequence >= change.Sequence
                ? new CommitResult.Committed()
                : new CommitResult.Failed($"the kernel went on elsewhere, in epoch {_rules.Epoch}");
        }
    }

    /// <summary>A process gave its whole state.</summary>
    public void Offer(StateMessage state)
    {
        lock (_lock)
        {
            _next = new StateSnapshot(_rules.Epoch, _rules.Leader, state.Sequence, [.. state.Blobs.Select(b => b.Ref)], state.Inline);
            _wantsSnapshot = false;
        }

        Group.SnapshotReady();
    }

    /// <summary>
    /// Commits a process's whole state, so that every replica's log may keep it in place of the changes: also where no
    /// process can say it, since it waits for values that find no room there.
    /// </summary>
    /// <returns>Why it was not committed, or null.</returns>
    public async ValueTask<string?> SummarizeAsync(StateMessage state, CancellationToken cancel)
    {
        long epoch;
        lock (_lock) (epoch, _wantsSnapshot) = (_rules.Epoch, false);
        var outcome = await ProposeAsync(new StateEntry.Summary(epoch, state.Sequence, [.. state.Blobs.Select(b => b.Ref)], state.Inline), cancel);
        return outcome is CommitOutcome.Committed ? null : Explain(outcome);
    }

    /// <inheritdoc/>
    public void Apply(EntryId id, ReadOnlyMemory<byte> data)
    {
        var entry = StateEntry.Read(data);
        var summary = entry as StateEntry.Summary;
        lock (_lock)
        {
            var isAccepted = _rules.Apply(entry) == Applied.Accepted;
            if (isAccepted) _next = null;   // of an older state
            if (isAccepted && entry is StateEntry.Change accepted) _changes.Add(accepted);
            _references.Applied(id.Index, entry.Names);
            if (!isAccepted) summary = null;
            if (summary is not null) _next = new StateSnapshot(_rules.Epoch, _rules.Leader, summary.Sequence, summary.Blobs, summary.Inline);
            if (summary is not null) _references.TryAskForSnapshot();
        }

        if (summary is not null) _group?.SnapshotReady();
        Advanced?.Invoke();
    }

    /// <inheritdoc/>
    public bool WantsToBeShort
    {
        get
        {
            lock (_lock) return _references.WantsSnapshot;
        }
    }

    /// <inheritdoc/>
    public int KeepableEntries
    {
        get
        {
            lock (_lock) return _references.EntriesWithoutChunks;
        }
    }

    /// <summary>
    /// Names all chunks that the log on this disk refers to, whatever a crash leaves of it, and those of a snapshot that is
    /// to come. Some are named more than once.
    /// </summary>
    /// <exception cref="LogCorruptedException">The disk no longer has what was written.</exception>
    public void NameChunks(Action<IReadOnlyCollection<ChunkRef>> name)
    {
        // What is not applied yet comes first: what is applied meanwhile is named twice, and not left out.
        long applied;
        lock (_lock) applied = _references.LastApplied;
        StoredReferences.Name(Group.Log, applied + 1, name);
        ImmutableArray<ImmutableArray<ChunkRef>> present;
        var durable = Group.DurableSnapshot;
        lock (_lock) present = [.. _references.Take(durable), _next?.Blobs ?? []];
        foreach (var chunks in present) name(chunks);
    }

    /// <summary>Whether a later collection could find more to delete, though nothing changed.</summary>
    public bool HoldsOldChunks
    {
        get
        {
            lock (_lock) return _references.HoldsReplaced;
        }
    }

    /// <summary>Whether there is anything that a snapshot might let go.</summary>
    public bool CouldLetGo
    {
        get
        {
            lock (_lock) return _references.CouldLetGo;
        }
    }

    /// <summary>The disk is short of room for large values: a snapshot is wanted if it might let some go.</summary>
    public void LetGo()
    {
        lock (_lock)
        {
            if (!_references.TryAskForSnapshot()) return;
        }

        Group.SnapshotReady();   // it asks, and we have none
        Advanced?.Invoke();
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? TakeSnapshot()
    {
        StateSnapshot taken;
        IReadOnlySet<ChunkRef> dropped;
        lock (_lock)
        {
            if (!_references.HasNews) return null;
            if (_next is not { } next || next.Sequence != _rules.Sequence || (next.Epoch, next.Leader) != (_rules.Epoch, _rules.Leader))
            {
                _wantsSnapshot = true;
                return null;
            }

            next = next with { LastCell = _rules.LastCell };
            (_snapshot, _next) = (next, null);
            _changes.Clear();
            dropped = _references.Replaced(next.Blobs);
            taken = next;
        }

        Shortened?.Invoke(dropped);
        return taken.Write();
    }

    /// <inheritdoc/>
    public void Restore(SnapshotInfo info, ReadOnlyMemory<byte> data)
    {
        var snapshot = StateSnapshot.Read(data);
        IReadOnlySet<ChunkRef> dropped;
        lock (_lock)
        {
            (_snapshot, _next) = (snapshot, null);
            _changes.Clear();
            dropped = _references.Restored(info.Last.Index, snapshot.Blobs);
            _rules.Restore(snapshot.Epoch, snapshot.Leader, snapshot.Sequence, snapshot.LastCell);
        }

        Shortened?.Invoke(dropped);
        Advanced?.Invoke();
    }

    /// <inheritdoc/>
    public void Damaged(string reason) => Broken?.Invoke(reason);

    /// <inheritdoc/>
    public void RoleChanged(RoleView view) => Advanced?.Invoke();

    /// <summary>
    /// Leads again, in the same epoch, and proposes the change again. Where the first proposal is committed after all, the
    /// second is stale at every replica, since its number is taken: the change counts once.
    /// </summary>
    private async ValueTask<CommitOutcome> RegainAsync(StateEntry.Change change, CommitOutcome lost, CancellationToken cancel)
    {
        var since = _time.GetTimestamp();
        var outcome = lost;
        while (IsLeadershipLost(outcome) && !IsLedElsewhere(change.Epoch) && s_regainLimit - _time.GetElapsedTime(since) is { Ticks: > 0 } left)
        {
            if (await LeadAsync(change.Execution, change.Epoch, left, cancel) is not null) return lost;
            outcome = await ProposeAsync(change, cancel);
        }

        return outcome;
    }

    private static bool IsLeadershipLost(CommitOutcome outcome) => outcome is CommitOutcome.Lost or CommitOutcome.NotLeader;

    private async ValueTask<CommitOutcome> ProposeAsync(StateEntry entry, CancellationToken cancel)
    {
        var bytes = entry.Write();
        for (var tries = 1; ; tries++)
        {
            var outcome = await Group.ProposeAsync(bytes, cancel);
            if (outcome is not CommitOutcome.Busy || tries == MaxBusyTries) return outcome;
            await Task.Delay(s_busyPause, _time, cancel);
        }
    }

    private static string Explain(LeadOutcome outcome, TimeSpan limit) => outcome switch
    {
        LeadOutcome.TimedOut => $"no majority of the kernel's replicas could be reached within {limit.TotalSeconds:0} s, and without one nothing may run",
        LeadOutcome.NotEligible => "this replica has not caught up with the others yet",
        LeadOutcome.Ended ended => ended.Reason,
        _ => outcome.ToString(),
    };

    /// <summary>The log has no room, in a sentence for whoever has to do something about it.</summary>
    public static string NoRoom(long asked, long free) =>
        $"the log has no room on the server's disk: {asked} bytes were to be written, {free} are free; have the operator free the server's disk";

    private static string Explain(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.NotLeader => "this replica does not lead the kernel any more",
        CommitOutcome.Lost => "this replica lost the lead before a majority had what the cell changed",
        CommitOutcome.TooLarge large => $"what the cell changed takes {large.Bytes} bytes in the log, and {large.Limit} are the limit: change less in one cell",
        CommitOutcome.Busy => "the log did not take what the cell changed: too much waits for the disks; run the cell again",
        CommitOutcome.DiskFull full => NoRoom(full.AskedBytes, full.FreeBytes),
        CommitOutcome.Ended ended => ended.Reason,
        _ => outcome.ToString(),
    };
}
