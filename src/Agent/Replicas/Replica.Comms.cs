using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// What clients' messages to comms change, such as a slider that is moved: that is state, and no cell's. When the process
/// has handled such a message and no cell runs, it is asked what changed, and that is committed as what a cell changes is;
/// else the next cell's change has it. A replica that is not the executor cannot commit it: then it stays in its process,
/// until a cell runs here, or until a change of another's makes an end of that process.
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_commLeadLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_commPause = TimeSpan.FromMilliseconds(100);   // a slider that is dragged says thirty things a second
    private readonly HashSet<string> _commMessages = [];   // that the process has not said to be done with
    private bool _hasCommChanges;                          // a message was handled, and nobody has asked what it changed
    private Task _keepingComms = Task.CompletedTask;       // while the process is asked and the answer committed
    private long? _commsKept;
    private ITimer? _commTimer;

    private bool IsKeepingComms => !_keepingComms.IsCompleted;

    private void NoteCommMessage_NeedsLock(JupyterFrame message)
    {
        if (message is { Channel: Channel.Shell, MessageType: "comm_open" or "comm_msg" or "comm_close" } && _commMessages.Count < MaxEarlyMessages)
            _commMessages.Add(message.MessageId);
    }

    private void NoteCommHandled_NeedsLock(string messageId)
    {
        if (!_commMessages.Remove(messageId)) return;
        _hasCommChanges = true;
        KeepComms_NeedsLock();
    }

    /// <summary>Asks for what messages to comms changed, unless a cell's change will have it; not sooner than a pause after the last time.</summary>
    private void KeepComms_NeedsLock()
    {
        if (!_hasCommChanges || IsKeepingComms || _isExecuting || _isGivingSnapshot || _gate.Running is not null) return;
        if (_process is not { KeepsState: true } process || _state is not { EpochHere: { } epoch } state || _sequence != state.Sequence) return;
        if (_commsKept is { } last && services.Time.GetElapsedTime(last) is var passed && passed < s_commPause)
        {
            KeepCommsIn_NeedsLock(s_commPause - passed);
            return;
        }

        _hasCommChanges = false;
        _keepingComms = KeepCommsAsync(process, state, epoch);
    }

    private void KeepCommsIn_NeedsLock(TimeSpan pause)
    {
        _commTimer ??= services.Time.CreateTimer(_ => KeepCommsLater(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _commTimer.Change(pause, Timeout.InfiniteTimeSpan);
    }

    private void KeepCommsLater()
    {
        lock (_lock) KeepComms_NeedsLock();
    }

    private async Task KeepCommsAsync(KernelProcess process, KernelLog state, long epoch)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // off the lock of who asked
        if (await state.LeadAsync(StateEntry.NoExecution, epoch, s_commLeadLimit, CancellationToken.None) is not null)
        {
            lock (_lock)
            {
                (_keepingComms, _commsKept) = (Task.CompletedTask, services.Time.GetTimestamp());
                _hasCommChanges |= _process == process;
                if (_process == process) KeepCommsIn_NeedsLock(s_commLeadLimit);   // the group has no majority, or a cell takes the lead
                if (_process == process && _sequence < state.Sequence) _ = FeedAsync(process);
            }

            return;
        }

        var (message, fault) = await AskCommsAsync(process);
        if (fault is null && !message!.IsEmpty) fault = await CommitCommsAsync(message, state, epoch);
        lock (_lock)
        {
            _commsKept = services.Time.GetTimestamp();
            _keepingComms = Task.CompletedTask;
            if (_process != process) return;
            if (fault is not null)
            {
                Diverge_NeedsLock($"what a widget's message changed could not be kept: {fault}");
                return;
            }

            if (!message!.IsEmpty) _sequence = message.Sequence;
            TakeUncopied_NeedsLock(message);
            KeepComms_NeedsLock();
            GiveSnapshot_NeedsLock();
            if (_sequence < state.Sequence) _ = FeedAsync(process);   // the log went on elsewhere meanwhile
        }
    }

    private static async Task<(StateMessage? Message, string? Fault)> AskCommsAsync(KernelProcess process)
    {
        try
        {
            var message = await process.CaptureAsync(CancellationToken.None);
            return (message, message.Error);
        }
        catch (ProcessStartException e)
        {
            return (null, e.Message);
        }
    }

    private async Task<string?> CommitCommsAsync(StateMessage message, KernelLog state, long epoch)
    {
        if (await services.Logs.KeepAsync(message.Blobs) is { } shortage) return message.Explain(shortage);
        var change = new StateEntry.Change(StateEntry.NoExecution, epoch, message.Sequence, [.. message.Blobs.Select(b => b.Ref)], message.Inline);
        OfferNew(change.Blobs);
        var result = await state.CommitAsync(change, CancellationToken.None);
        Offered();
        return result switch
        {
            CommitResult.Failed failed => failed.Reason,
            CommitResult.Refused refused => refused.Reason,
            _ => null,
        };
    }
}
