namespace Notebook.Grains.Kernels;

/// <summary>What is stored and what is told.</summary>
internal sealed partial class KernelGrain
{
    /// <summary>More versions than can pass between two writes: an activation starts above any version that was seen.</summary>
    private const long VersionsBetweenWrites = 1_000_000;

    private const int CellsInNotification = 20;

    private long _version;
    private bool _recordIsBehind;
    private Told _told;

    /// <summary>What observers hear of. Cells that come, run and end are no news to them: they see these go by themselves.</summary>
    private readonly record struct Told(KernelState State, int Incarnation, ReplicaId? Executor, string? WaitingFor, int Replicas, int Losses);

    private async Task StoreAsync()
    {
        var life = _life!;
        record.State = new KernelRecord
        {
            Definition = life.Definition,
            Ended = life.Ended,
            Version = _version,
            Session = life.Session,
            Incarnation = life.Incarnation,
            Epoch = life.Epoch,
            Executor = life.Executor,
            HasState = life.HasState,
            Founders = life.Founders,
            Keeping = life.Asked,
            SetByNotebook = life.SetByNotebook,
            Move = life.Move,
            Reserved = _reserved,
            Replicas = [.. life.Replicas],
            NextReplica = life.NextReplica,
            NextExecution = _queue.NextExecution,
            Running = _queue.Running,
            Recent = _endings.Recent,
            DeadReason = life.DeadReason,
            LastActivity = _lastActivity,
            Reclaimed = life.Reclaimed,
            LastCompleted = _lastCompleted,
            Losses = life.Losses,
            Leaving = [.. life.Leaving],
        };
        await WriteAsync(record);
        _recordIsBehind = false;
    }

    private async Task ArchiveAsync()
    {
        archive.State = new EndingsRecord { Endings = _endings.All };
        await WriteAsync(archive);
        _endings.Archived();
        _recordIsBehind = true;
    }

    private async Task WriteAsync<T>(IPersistentState<T> state)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What is in memory was not stored: the next activation starts from what was, and who asked for more is told so.
            _recordIsBehind = false;
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Tells the observers, when there is something to tell. Every call that may change the kernel ends with it.</summary>
    private void Publish()
    {
        if (_life is not { } life) return;
        NoteIdleness();
        _version++;
        var hash = new HashCode();
        foreach (var replica in life.Replicas) hash.Add(replica);
        var told = new Told(
            life.State(busy: false), life.Incarnation, life.Executor, _waitingFor, hash.ToHashCode(), life.Losses);
        if (told == _told) return;
        _told = told;
        if (_subscribers.Count == 0) return;
        var view = MakeView(CellsInNotification);
        _subscribers.Tell(o => o.Changed(view));
    }

    private KernelView MakeView(int cells)
    {
        var life = _life!;
        return new KernelView(
            _version, life.Definition, life.State(_queue.IsBusy), life.DeadReason, life.Session, life.Incarnation, life.Executor,
            [.. life.Replicas], _queue.View(_waitingFor, cells), life.Standbys, life.StateSafe, _lastActivity)
        {
            Durability = life.Keeping.Durability,
            Reserved = _reserved,
            Moving = life.Move?.View,
            Reclaimed = life.Reclaimed,
            Losses = life.Losses,
            WaitsForServer = life.WaitsForServer,
            Connections = _subscribers.Connections,
        };
    }
}
