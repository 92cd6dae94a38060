namespace Notebook.Raft;

// Linearizable reads without a log entry (Raft, section 8; dissertation, section 6.4): the leader notes the commit index,
// makes sure by a round of heartbeats that nobody replaced it, and the state machine answers once it is that far.
public sealed partial class RaftMember
{
    private List<ReadAnswer>? _reads;   // whose wait is over, for the next ready value

    /// <summary>Asks from which index on the state machine may serve a read, so that it sees all that was acknowledged before.</summary>
    /// <param name="read">The caller's number for it; comes back in <see cref="Ready.Reads"/>.</param>
    public ReadOutcome ReadIndex(long read)
    {
        if (_leading is not { } leading) return new ReadOutcome.NotLeader(Leader);
        var waiting = leading.Reads?.Count ?? 0;
        if (waiting >= _options.MaxPendingReads) return new ReadOutcome.Busy(waiting);
        Use();
        leading.NeedsRound = true;
        var index = _rules.ReadIndex(_commit, leading.TermStart);
        (leading.Reads ??= []).Add(new PendingRead(read, leading.Round + 1, index));
        ConfirmReads(leading);
        return new ReadOutcome.Pending();
    }

    private void ConfirmReads(Leadership leading)
    {
        if (leading.Reads is not { } waiting) return;
        var confirmed = 0;
        while (confirmed < waiting.Count && IsConfirmed(leading, waiting[confirmed].Round)) confirmed++;
        foreach (var read in waiting.Take(confirmed)) (_reads ??= []).Add(new(read.Read, read.Index));
        waiting.RemoveRange(0, confirmed);
        if (waiting.Count == 0) leading.Reads = null;
    }

    private bool IsConfirmed(Leadership leading, long round)
    {
        var answers = 1;   // the leader's own
        foreach (var peer in leading.Peers)
            if (peer.Round >= round && Membership.IsVoter(peer.Id)) answers++;
        return _rules.IsConfirmed(answers, Membership.Quorum);
    }

    private void FailReads()
    {
        if (_leading?.Reads is not { } waiting) return;
        foreach (var read in waiting) (_reads ??= []).Add(new(read.Read, null));
    }
}
