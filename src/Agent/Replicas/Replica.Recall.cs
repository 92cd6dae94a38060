using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// The executor of a cell was lost before anybody heard how the cell ended. This replica leads from now on, so that the
/// old executor can commit nothing any more, and then its log says for certain whether what the cell changed counts. For
/// that it needs no process.
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_recallLimit = TimeSpan.FromSeconds(8);
    private Task _recalling = Task.CompletedTask;
    private string? _recalled;   // the cell that is being asked for

    /// <summary>The silo wants to know what became of a cell. Again, while it is being found out, is no other question.</summary>
    public void Recall(RecallCell recall)
    {
        lock (_lock)
        {
            var order = new CellOrder(recall.MessageId, recall.Execution, recall.Epoch, []);
            if (_gate.Running is { } running && running.Epoch < order.Epoch) Diverge_NeedsLock("the silo has given up the cell that ran here");
            if (_gate.Recall(order.MessageId) is { } known)
            {
                Tell_NeedsLock(known);
                return;
            }

            if (_recalled == order.MessageId) return;
            _recalled = order.MessageId;
            _recalling = RecallAsync(order, recall.LostServer, _state, _recalling);
        }
    }

    private async Task RecallAsync(CellOrder order, string lostServer, KernelLog? state, Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // off the lock of who asked
        var fault = state is null
            ? "the kernel's log is not open here"
            : await state.LeadAsync(order.Execution, order.Epoch, s_recallLimit, CancellationToken.None);
        lock (_lock)
        {
            if (_recalled == order.MessageId) _recalled = null;
            if (fault is not null || _state != state)
            {
                var refusal = order.Report(ExecutionPhase.ExecutionRefused, fault ?? "the replica was replaced");
                LogRecall(id, order.Execution, refusal.Phase, order.Epoch, refusal.Reason);
                Tell_NeedsLock(refusal);
                return;
            }

            var found = state!.LastCell is { } last && (last.MessageId, last.Execution) == (order.MessageId, order.Execution) ? last : null;
            var (phase, reason) = (ExecutionPhase.ExecutionNotCommitted, "what it changed is not in the kernel's log");
            var reply = found is null ? null : RecalledReply.Of(found, lostServer, _order!.Durability == Durability.All);
            if (reply is not null) (phase, reason) = CellSettlement.Outcome(reply.Content.Span);
            var report = _gate.EndByLog(order, phase, reason, found?.CellDefault);
            LogRecall(id, order.Execution, phase, order.Epoch, reason);
            Tell_NeedsLock(report);
            if (reply is not null) _feed.Publish(reply);
        }
    }

    [LoggerMessage(EventId = 3033, Level = LogLevel.Information,
        Message = "Replica {Replica}: execution {Number}, whose executor was lost, is {Phase} by the log, in epoch {Epoch} {Reason}")]
    private partial void LogRecall(string replica, long number, ExecutionPhase phase, long epoch, string reason);
}
