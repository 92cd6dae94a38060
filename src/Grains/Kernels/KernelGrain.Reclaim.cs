using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Kernels;

/// <summary>
/// An idle kernel gives its processes back, when <see cref="IReclaimPolicy"/> says so and <see cref="ReclaimRules"/> allow it:
/// its replicas are told to be cold, the executor too, and are ready as cold standbys are. A cell wakes it, and so does a
/// message that its executor's agent was given: that agent brings the process up by itself, and says so.
/// </summary>
internal sealed partial class KernelGrain
{
    private DateTimeOffset _idleSince;   // this activation's start at first; never while a cell runs or waits

    private void StartReclaiming()
    {
        _idleSince = time.GetUtcNow();
        if (reclaim.Every is not { } every) return;
        this.RegisterGrainTimer(ReclaimIfIdleAsync, new GrainTimerCreationOptions(every, every) { KeepAlive = true });
    }

    /// <inheritdoc/>
    public Task Used()
    {
        _lastActivity = time.GetUtcNow();
        return Task.CompletedTask;
    }

    private async Task ReclaimIfIdleAsync()
    {
        if (_life is not { } life) return;
        if (life.Reclaimed is not null)
        {
            await RepeatReclaimAsync();
            return;
        }

        if (ReclaimRules.WhyNot(life, _queue.IsBusy) is not null) return;
        var decision = reclaim.Decide(time.GetUtcNow(), await ReclaimViewAsync(life));
        if (!decision.Reclaim) return;
        life.Reclaim(new Reclaimed(time.GetUtcNow(), decision.Reason));
        LogReclaimed(Id, reclaim.Name, decision.Reason);
        await StoreAsync();
        await AssignAsync(life.Replicas);
        Publish();
    }

    /// <summary>A replica that did not hear of it keeps its process, and is told again; one that has a reason to keep it says so.</summary>
    private Task RepeatReclaimAsync() =>
        _life!.Replicas.Any(r => r is { Phase: ReplicaPhase.Ready, Standby: not StandbyMode.Cold }) ? AssignAsync(_life.Replicas) : Task.CompletedTask;

    private async Task<ReclaimKernel> ReclaimViewAsync(KernelLife life)
    {
        var ready = life.Replicas.Where(r => r.Phase == ReplicaPhase.Ready).ToArray();
        var servers = await Task.WhenAll(ready.Select(r => Server(r.Server).View()));
        return new ReclaimKernel(
            Id, life.Definition.User, _idleSince, _lastActivity,
            [.. ready.Zip(servers, (r, s) => new ReclaimReplica(r.Server, r.Standby, s?.Load.MemoryUsedMb ?? 0, s?.Load.MemoryTotalMb ?? 0))]);
    }

    /// <summary>It is used: its replicas are what they were told before.</summary>
    private async Task WakeAsync(string reason)
    {
        if (_life is not { Ended: false, Reclaimed: { } reclaimed } life) return;
        life.Wake();
        _idleSince = time.GetUtcNow();
        LogWoken(Id, reclaimed.Since, reason);
        await StoreAsync();
        await AssignAsync(life.Replicas);
    }

    /// <summary>Whether what is heard of a replica means that a reclaimed kernel is used, or cannot be reclaimed after all.</summary>
    private bool IsWokenBy(ReplicaView next) =>
        _life is { Reclaimed: not null } life
        && next is { Phase: ReplicaPhase.Ready }
        && next.Incarnation == life.Incarnation
        && (next.Held is not null
            || (next.Id == life.Executor && next.Standby != StandbyMode.Cold && life.Find(next.Id) is { Standby: StandbyMode.Cold }));

    /// <summary>Every call that may change the kernel comes by here.</summary>
    private void NoteIdleness()
    {
        if (_queue.IsBusy) _idleSince = DateTimeOffset.MaxValue;
        else if (_idleSince == DateTimeOffset.MaxValue) _idleSince = _lastActivity = time.GetUtcNow();   // whoever waited for its cells used it until now
    }

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "Kernel {Kernel} is reclaimed by {Policy}: {Reason}")]
    private partial void LogReclaimed(KernelId kernel, string policy, string reason);

    [LoggerMessage(EventId = 3022, Level = LogLevel.Information, Message = "Kernel {Kernel}, reclaimed since {Since}, comes back: {Reason}")]
    private partial void LogWoken(KernelId kernel, DateTimeOffset since, string reason);
}
