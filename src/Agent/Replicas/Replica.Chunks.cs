using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Replicas;

/// <content>
/// Large values that a change names and this server lacks: they are fetched from the kernel's other servers before the
/// process takes the change in. Only what nobody has becomes a placeholder. A standby waits as long as a server that may
/// have it is out of reach; a cell that is to run, or a process that starts, does not.
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_fetchLimit = TimeSpan.FromSeconds(30);
    private TaskCompletionSource? _patience;   // not null while the process waits for chunks that may take for ever
    private TaskCompletionSource? _healing;    // not null while chunks are sought that the process has placeholders for
    private int _unhealed;                     // changes with placeholders in the process for what another server may still have

    private async Task<ApplyAnswer> ApplyAsync(KernelProcess process, ReadOnlyMemory<byte> inline)
    {
        var answer = await process.ApplyAsync(inline, acceptMissing: false, CancellationToken.None);
        if (answer is not ApplyAnswer.Missing first) return answer;
        await FetchAsync(process, first.Chunks);
        answer = await process.ApplyAsync(inline, acceptMissing: false, CancellationToken.None);
        if (answer is not ApplyAnswer.Missing still) return answer;
        Heal(process, still.Chunks);
        return await process.ApplyAsync(inline, acceptMissing: true, CancellationToken.None);
    }

    private async Task FetchAsync(KernelProcess process, IReadOnlyCollection<ChunkRef> chunks)
    {
        LogFetching(id, chunks.Count, chunks.Sum(chunk => (long)chunk.Length));
        TaskCompletionSource? patience = null;
        var isStarting = false;
        lock (_lock)
        {
            if (_process != process) return;
            isStarting = _present != StandbyMode.StandbyHot;
            if (_gate.Running is null && _unhealed == 0) patience = _patience = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (patience is not null)
        {
            var giveUp = isStarting ? Task.WhenAny(patience.Task, Task.Delay(s_fetchLimit, services.Time)) : patience.Task;
            chunks = await services.Logs.Chunks.FetchAsync(OtherServers, chunks, isPatient: true, giveUp);
            lock (_lock)
            {
                _patience = null;
                if (chunks.Count == 0 || _process != process || _gate.Running is null) return;
            }
        }

        await services.Logs.Chunks.FetchAsync(OtherServers, chunks, isPatient: false, Task.Delay(s_fetchLimit, services.Time));
    }

    /// <summary>A cell waits for the process: it waits no longer for what may never come.</summary>
    private void HurryFetch()
    {
        lock (_lock) _patience?.TrySetResult();
    }

    private void EndFetches_NeedsLock()
    {
        _patience?.TrySetResult();
        _healing?.TrySetResult();
        (_healing, _unhealed, _uncopied) = (null, 0, []);
    }

    /// <summary>The process is about to make placeholders: until nobody is left who may have what they stand for, it is sought.</summary>
    private void Heal(KernelProcess process, IReadOnlyCollection<ChunkRef> chunks)
    {
        LogPlaceholders(id, chunks.Count, chunks.Sum(chunk => (long)chunk.Length));
        lock (_lock)
        {
            if (_process != process) return;
            _unhealed++;
            _healing ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = HealAsync(process, chunks, _healing.Task);
        }
    }

    private async Task HealAsync(KernelProcess process, IReadOnlyCollection<ChunkRef> chunks, Task giveUp)
    {
        var missing = await services.Logs.Chunks.FetchAsync(OtherServers, chunks, isPatient: true, giveUp);
        lock (_lock)
        {
            if (_process != process || giveUp.IsCompleted) return;
            var isStandby = _phase == ReplicaPhase.ReplicaReady && _gate.Running is null && !_state!.IsLeader;
            if (missing.Count == 0 && isStandby) Diverge_NeedsLock("large values that were out of reach have come to this server");
            else _unhealed--;   // lost for good, or an executor's: its state goes on without
        }
    }

    /// <summary>Where the kernel's other replicas are.</summary>
    private string[] OtherServers() => [.. services.Peers.Of(id).Select(peer => peer.Server).Where(server => server != services.Server)];

    [LoggerMessage(EventId = 3082, Level = LogLevel.Information, Message = "Replica {Replica} fetches {Count} chunks, {Bytes} bytes, from the kernel's other servers")]
    private partial void LogFetching(string replica, int count, long bytes);

    [LoggerMessage(EventId = 3083, Level = LogLevel.Error,
        Message = "Replica {Replica} goes on without {Count} chunks, {Bytes} bytes, of its state: no server that can be reached has them")]
    private partial void LogPlaceholders(string replica, int count, long bytes);
}
