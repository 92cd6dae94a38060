using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// What clients' messages to comms change, such as a slider that is moved: that is state, and no cell's. When the process
/// has handled such a message and no cell runs, it is asked what changed, and that is committed as what a cell changes is;
/// else that is done when the cell has ended. The message's <c>idle</c> waits for it, so it is a promise as a cell's reply is,
/// and who moves a slider waits for it before saying more. A replica that is not the executor cannot commit anything: then the
/// change stays in its process, until a cell runs here, or until a change of another's makes an end of that process.
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_commLeadLimit = TimeSpan.FromSeconds(3);
    private readonly HashSet<string> _commMessages = [];      // that the process has not said to be done with
    private readonly Queue<JupyterFrame> _commIdles = [];     // of those that it is done with, until what they changed is kept
    private bool _hasCommChanges;                             // a message was handled, and nobody has asked what it changed
    private Task _keepingComms = Task.CompletedTask;          // while the process is asked and the answer committed
    private ITimer? _commTimer;

    private bool IsKeepingComms => !_keepingComms.IsCompleted;

    private bool HasToKeepComms_NeedsLock => IsKeepingComms || (_hasCommChanges && _state?.EpochHere is not null);

    private void NoteCommMessage_NeedsLock(JupyterFrame message)
    {
        if (_process is { KeepsState: true } && _commMessages.Count + _commIdles.Count < MaxEarlyMessages
            && message is { Channel: Channel.Shell, MessageType: "comm_open" or "comm_msg" or "comm_close" })
            _commMessages.Add(message.MessageId);
    }

    /// <summary>Holds what the process says when it is done with a message to a comm.</summary>
    private bool TryHoldCommIdle_NeedsLock(JupyterFrame frame)
    {
        if (_commMessages.Count == 0 || !IsIdle(frame) || !_commMessages.Remove(frame.ParentId)) return false;
        _commIdles.Enqueue(frame);
        _hasCommChanges = true;
        return true;
    }

    private void ReleaseCommIdles_NeedsLock(int count)
    {
        while (count-- > 0) _feed.Publish(_commIdles.Dequeue());
    }

    /// <summary>Asks for what messages to comms changed. While something goes on that does not go with it, nothing: who ends that calls again.</summary>
    private void KeepComms_NeedsLock()
    {
        if (!_hasCommChanges || IsKeepingComms || _isExecuting || _isGivingSnapshot || _gate.Running is not null) return;
        if (_process is not { KeepsState: true } process || _state is not { EpochHere: { } epoch } state || _sequence != state.Sequence)
        {
            ReleaseCommIdles_NeedsLock(_commIdles.Count);   // it is not for this replica to promise anything
            return;
        }

        _hasCommChanges = false;
        _keepingComms = KeepCommsAsync(process, state, epoch, _commIdles.Count);
    }

    private void KeepCommsLater_NeedsLock()
    {
        _commTimer ??= services.Time.CreateTimer(_ => KeepCommsNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _commTimer.Change(s_commLeadLimit, Timeout.InfiniteTimeSpan);
    }

    private void KeepCommsNow()
    {
        lock (_lock) KeepComms_NeedsLock();
    }

    private async Task KeepCommsAsync(KernelProcess process, KernelLog state, long epoch, int idles)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // off the lock of who asked
        if (await state.LeadAsync(StateEntry.NoExecution, epoch, s_commLeadLimit, CancellationToken.None) is not null)
        {
            lock (_lock)
            {
                _keepingComms = Task.CompletedTask;
                if (_process != process) return;
                ReleaseCommIdles_NeedsLock(idles);
                _hasCommChanges = true;
                KeepCommsLater_NeedsLock();   // the group has no majority, or a cell takes the lead
                if (_sequence < state.Sequence) _ = FeedAsync(process);
            }

            return;
        }

        var (message, fault) = await AskCommsAsync(process);
        if (fault is null && !message!.IsEmpty) fault = await CommitCommsAsync(message, state, epoch);
        lock (_lock)
        {
            _keepingComms = Task.CompletedTask;
            if (_process != process) return;
            if (fault is not null)
            {
                Diverge_NeedsLock($"what a widget's message changed could not be kept: {fault}");
                return;
            }

            if (!message!.IsEmpty) _sequence = message.Sequence;
            TakeUncopied_NeedsLock(message);
            ReleaseCommIdles_NeedsLock(idles);
            KeepComms_NeedsLock();
            GiveSnapshot_NeedsLock();
            Rest_NeedsLock();
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
