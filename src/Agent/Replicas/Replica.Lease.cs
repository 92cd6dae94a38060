using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>The GPUs of the cell that runs: admitted with its order, given back when it has ended, taken when its lease ends before it.</content>
internal sealed partial class Replica
{
    private long _lease;   // of the cell that was ordered; 0 for none

    /// <summary>A lease has ended under its cell: no term was added to it, or a newer one names its GPUs.</summary>
    /// <returns>Whether it was this replica's.</returns>
    public bool EndLease(long epoch, string reason)
    {
        lock (_lock)
        {
            if (_lease != epoch) return false;
            LogLeaseEnded(id, epoch, reason);
            EndProcess_NeedsLock(reason);   // only its end is certain to free the GPUs
            Become_NeedsLock(ReplicaPhase.ReplicaLost, reason);
            return true;
        }
    }

    /// <summary>Takes note of the lease of an order.</summary>
    /// <returns>Why the order cannot be followed; null when it can.</returns>
    private string? Admit_NeedsLock(RunCell run) => services.Leases.Admit(
        run.Devices, run.LeaseEpoch, TimeSpan.FromMilliseconds(run.LeaseTermMs), services.Time.GetUtcNow());

    /// <summary>The order was followed, or not: its lease counts while its cell runs, or waits for its bytes.</summary>
    private void Hold_NeedsLock(RunCell run)
    {
        if (run.Devices.Count == 0) return;
        if ((_gate.Running ?? _gate.Waiting)?.MessageId != run.MessageId)
        {
            services.Leases.Release(run.LeaseEpoch);
            return;
        }

        if (_lease == run.LeaseEpoch) return;   // the same order again
        _lease = run.LeaseEpoch;
        LogLeased(id, run.Execution, run.LeaseEpoch, string.Join(',', run.Devices));
    }

    /// <summary>Gives the GPUs back once the cell has ended.</summary>
    private void GiveBack_NeedsLock()
    {
        if (_lease == 0 || (_gate.Running ?? _gate.Waiting) is not null) return;
        services.Leases.Release(_lease);
        LogGivenBack(id, _lease);
        _lease = 0;
    }

    [LoggerMessage(EventId = 3095, Level = LogLevel.Information, Message = "Replica {Replica}: execution {Number} holds lease {Lease} of GPUs {Devices}")]
    private partial void LogLeased(string replica, long number, long lease, string devices);

    [LoggerMessage(EventId = 3096, Level = LogLevel.Information, Message = "Replica {Replica} gave lease {Lease} back")]
    private partial void LogGivenBack(string replica, long lease);

    [LoggerMessage(EventId = 3097, Level = LogLevel.Error, Message = "Replica {Replica}: lease {Lease} ended under its cell, whose process is ended: {Reason}")]
    private partial void LogLeaseEnded(string replica, long lease, string reason);
}
