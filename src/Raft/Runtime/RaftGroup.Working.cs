using System.Collections.Immutable;

namespace Notebook.Raft.Runtime;

// What happens outside the lock: the state machine's calls, one at a time and in order, and then the completions. Who finds
// another thread at it leaves, and that thread goes on with what was added.
public sealed partial class RaftGroup
{
    private readonly List<GroupWork> _work = new(0);
    private bool _isWorking;

    // Of the thread that works.
    private EntryId _applied;
    private long _entriesSinceSnapshot;
    private long _bytesSinceSnapshot;
    private long _entriesBeforeNextTry;

    /// <summary>Does what waits; called under no lock.</summary>
    /// <param name="isWriter">Whether this is the log writer's thread, for which all groups wait: completions go elsewhere.</param>
    internal void Drain(bool isWriter = false)
    {
        while (TryTakeWork() is { } work)
        {
            List<Action>? completions = null;
            try
            {
                foreach (var item in work)
                {
                    if (item is GroupWork.Complete { Run: var run }) (completions ??= []).Add(run);
                    else Work(item);
                }
                SaveSnapshot();
            }
            catch (Exception failure) when (_host.Fail(failure))
            {
                throw;   // never reached: the filter only tells the host, and the exception goes on
            }
            lock (_lock) _isWorking = false;
            if (completions is null) continue;
            if (isWriter) _host.RunElsewhere(completions);
            else foreach (var run in completions) run();
        }
    }

    private ImmutableArray<GroupWork>? TryTakeWork()
    {
        lock (_lock)
        {
            if (_isWorking || _work.Count == 0) return null;
            _isWorking = true;
            ImmutableArray<GroupWork> work = [.. _work];
            _work.Clear();
            if (_work.Capacity > 16) _work.Capacity = 0;
            return work;
        }
    }

    private void Work(GroupWork item)
    {
        switch (item)
        {
            case GroupWork.Apply { Entries: var entries }:
                foreach (var entry in entries) Apply(entry);
                break;
            case GroupWork.Restore { Info: var info, Data: var data }:
                _machine.Restore(info, data);
                _applied = info.Last;
                (_entriesSinceSnapshot, _bytesSinceSnapshot) = (0, 0);
                break;
            case GroupWork.Change { View: var view }:
                _machine.RoleChanged(view);
                break;
            case GroupWork.Damaged { Reason: var reason }:
                _machine.Damaged(reason);
                break;
            case GroupWork.SnapshotReady:
                _entriesBeforeNextTry = 0;
                break;
            default:
                throw new InvalidOperationException($"unknown work {item}");
        }
    }

    private void Apply(Entry entry)
    {
        if (entry.Id.Index != _applied.Index + 1) throw new InvalidOperationException($"group {Id}: {entry.Id} to be applied after {_applied}");
        if (entry.Kind == EntryKind.Data) _machine.Apply(entry.Id, entry.Data);
        _applied = entry.Id;
        _entriesSinceSnapshot++;
        _bytesSinceSnapshot += entry.Data.Length;
    }

    private void SaveSnapshot()
    {
        var options = _host.Options;
        var isShort = _entriesSinceSnapshot < options.SnapshotEntries && _bytesSinceSnapshot < options.SnapshotEntryBytes;
        if (isShort && (_entriesSinceSnapshot == 0 || !_machine.WantsToBeShort)) return;
        if (_entriesSinceSnapshot < _entriesBeforeNextTry) return;
        _entriesBeforeNextTry = _entriesSinceSnapshot + Math.Max(1, options.SnapshotEntries / 8);
        if (_machine.TakeSnapshot() is not { } data) return;
        if (data.Length > options.MaxSnapshotBytes)
        {
            _host.SnapshotTooLarge(Id, data.Length);
            return;
        }
        var outcome = SnapshotOutcome.Busy;
        var keep = Math.Min(options.KeepEntries, _machine.KeepableEntries);
        Do((_applied.Index, data), (member, taken) => outcome = member.SaveSnapshot(taken.Index, taken.data, keep));
        if (outcome == SnapshotOutcome.Busy) return;
        (_entriesSinceSnapshot, _bytesSinceSnapshot, _entriesBeforeNextTry) = (0, 0, 0);
    }
}
