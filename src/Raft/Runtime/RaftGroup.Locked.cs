using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

// What happens under the group's lock: one call into the member, then all that comes of it is handed on. Messages go to the
// outboxes and writes to the log writer; all that calls out waits in _work for a thread that holds no lock.
public sealed partial class RaftGroup
{
    private const int ReadBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly RaftMember _member;
    private Queue<(long WriteNumber, RaftMessage Message)>? _held;   // until the write is on disk; null for none
    private Ready? _stalled;      // the log writer did not take its write: until it does, the member must not be called
    private long _submitted;      // the latest write that the log writer took
    private long _persisted;      // the latest that is on disk
    private long _handedOver;     // the latest entry that is in _work, or was
    private long _durableSnapshot;   // the end of the latest snapshot that is known to be on disk
    private bool _isAwake;
    private string? _end;         // why the group takes part no more
    private TaskCompletionSource? _written;   // somebody waits for the last write of a group that has ended

    private string? Unable
    {
        get
        {
            lock (_lock) return _end;
        }
    }

    /// <summary>Begins: the snapshot, and what the log knows to be committed, go to the state machine.</summary>
    internal void Start()
    {
        lock (_lock)
        {
            if (_log.Snapshot is { } snapshot) AddRestore(snapshot);
        }
        Do(0, static (_, _) => { });
        Finish();
    }

    /// <summary>Takes part no more; done when all that was handed to the log writer is on disk, or the writer has ended.</summary>
    internal Task End(string reason)
    {
        Task written;
        lock (_lock)
        {
            EndLocked(reason);
            if (_persisted < _submitted) _written ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            written = _written?.Task ?? Task.CompletedTask;
        }
        Drain();
        return Task.WhenAny(written, _host.Writer.Completion);
    }

    internal void Tick()
    {
        lock (_lock)
        {
            if (_end is not null) return;
            AgeWishes();
            if (_stalled is { } stalled && !Resume(stalled)) return;
        }
        Do(this, static (member, group) =>
        {
            member.Tick();
            group.RepeatWishes();
        });
    }

    /// <summary>Calls the member, unless it takes part no more or waits for the log writer, and hands on what comes of it.</summary>
    private bool Do<T>(T input, Action<RaftMember, T> call)
    {
        lock (_lock)
        {
            if (_end is not null || _stalled is not null) return false;
            try
            {
                call(_member, input);
                Pump();
            }
            catch (LogCorruptedException damage)
            {
                EndDamaged(damage);
            }
            catch (LogWriterEndedException ended)
            {
                EndLocked(ended.Message);
            }
            return true;
        }
    }

    private void Pump()
    {
        while (_stalled is null && _member.TakeReady() is { } ready)
        {
            if (TrySubmit(ready)) HandOn(ready);
            else _stalled = ready;
        }
        ShowAwake();
    }

    private bool TrySubmit(Ready ready)
    {
        if (ready.Write is not { } write) return true;
        var number = ready.WriteNumber;
        if (_host.Writer.Submit(write, () => OnDurable(number)) is not SubmitOutcome.Accepted) return false;
        _host.Writing();
        _submitted = number;
        return true;
    }

    /// <summary>Tries the write again that the log writer did not take.</summary>
    private bool Resume(Ready stalled)
    {
        try
        {
            if (!TrySubmit(stalled)) return false;
            _stalled = null;
            HandOn(stalled);
            _member.Persisted(_persisted);
            Pump();
        }
        catch (LogCorruptedException damage)
        {
            EndDamaged(damage);
        }
        catch (LogWriterEndedException ended)
        {
            EndLocked(ended.Message);
        }
        return _end is null && _stalled is null;
    }

    private void OnDurable(long number)
    {
        lock (_lock)
        {
            _persisted = number;
            while (_held is { Count: > 0 } held && held.Peek().WriteNumber <= number) Post(held.Dequeue().Message);
            if (_held is { Count: 0 }) _held = null;
            if (number == _submitted) NoteAllOnDisk();
        }
        Do(number, static (member, n) => member.Persisted(n));
        _host.Durable(this);
    }

    /// <summary>What the log shows at this moment is on disk, all of it: writes are staged under this lock.</summary>
    private void NoteAllOnDisk()
    {
        _durableSnapshot = _log.Snapshot?.Last.Index ?? 0;
        _written?.TrySetResult();
    }

    private void HandOn(Ready ready)
    {
        foreach (var message in ready.Messages) Post(message);
        foreach (var message in ready.MessagesAfterWrite)
        {
            if (ready.WriteNumber <= _persisted) Post(message);
            else (_held ??= new()).Enqueue((ready.WriteNumber, message));
        }
        if (ready.SnapshotToApply is { } snapshot && _log.Snapshot is { } latest && latest.Last == snapshot.Last) AddRestore(latest);
        if (ready.Committed is { } range) AddApply(range);
        if (ready.Changed is { } view) AddChange(view);
        foreach (var read in ready.Reads) Confirmed(read);
        ServeReads();
    }

    private void Post(RaftMessage message) => _host.Post(Id, message, _serverOf(message.To));

    private void AddRestore(SnapshotInfo info)
    {
        var data = new byte[info.Length];
        for (var offset = 0; offset < data.Length;)
        {
            var piece = _log.ReadSnapshot(offset, data.Length - offset);
            piece.CopyTo(data.AsMemory(offset));
            offset += piece.Length;
        }
        _work.Add(new GroupWork.Restore(info, data));
        _handedOver = info.Last.Index;
    }

    private void AddApply(CommittedRange range)
    {
        for (var next = range.From; next <= range.Through;)
        {
            var entries = _log.Read(next, range.Through, ReadBytes);
            _work.Add(new GroupWork.Apply(entries));
            next += entries.Length;
        }
        _handedOver = range.Through;
        CompleteProposals(range.Through);
    }

    private void ShowAwake()
    {
        var isAwake = _end is null && (!_member.IsResting || _stalled is not null || _wishes is not null);
        if (isAwake == _isAwake) return;
        _isAwake = isAwake;
        _host.SetAwake(this, isAwake);
    }

    private void EndDamaged(LogCorruptedException damage)
    {
        _host.GroupDamaged(Id, damage);
        EndLocked(damage.Message);
        _work.Add(new GroupWork.Damaged(damage.Message));
    }

    private void EndLocked(string reason)
    {
        if (_end is not null) return;
        _end = reason;
        (_stalled, _held) = (null, null);
        LoseProposals();
        EndWaits(reason);
        ShowAwake();
    }
}
