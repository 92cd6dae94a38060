namespace Notebook.Raft.Runtime;

// Who waits for what; all under the lock. Completions are work like any other, so they run after what they promise.
public sealed partial class RaftGroup
{
    private Queue<Proposal>? _proposals;   // by index; of the present term, as losing leadership completes them all
    private List<LeadWish>? _wishes;
    private Dictionary<long, TaskCompletionSource<ReadIndexOutcome>>? _reads;   // not confirmed yet
    private List<WaitingRead>? _confirmed;
    private long _lastRead;

    private void Took(Proposal proposal, ProposeOutcome outcome)
    {
        if (outcome is ProposeOutcome.Accepted { Id: var id }) Wait(proposal, id);
        else
        {
            proposal.Refuse(outcome switch
            {
                ProposeOutcome.NotLeader { Leader: var leader } => new CommitOutcome.NotLeader(leader),
                ProposeOutcome.TooLarge { Bytes: var bytes, Limit: var limit } => new CommitOutcome.TooLarge(bytes, limit),
                _ => new CommitOutcome.Busy(),
            });
        }
    }

    private void Wait(Proposal proposal, EntryId id)
    {
        proposal.Accept(id);
        (_proposals ??= new()).Enqueue(proposal);
    }

    private void CompleteProposals(long through)
    {
        while (_proposals is { Count: > 0 } proposals && proposals.Peek().Id.Index <= through)
        {
            var proposal = proposals.Dequeue();
            _work.Add(new GroupWork.Complete(() => proposal.Done.TrySetResult(new CommitOutcome.Committed(proposal.Id))));
        }
        if (_proposals is { Count: 0 }) _proposals = null;
    }

    private void LoseProposals()
    {
        foreach (var proposal in _proposals ?? [])
            _work.Add(new GroupWork.Complete(() => proposal.Done.TrySetResult(new CommitOutcome.Lost(proposal.Id))));
        _proposals = null;
    }

    private void AddChange(RoleView view)
    {
        _work.Add(new GroupWork.Change(view));
        if (view.Role != RaftRole.Leader) LoseProposals();
        else FinishWishes(static _ => true, new LeadOutcome.Leading(view.Term));
    }

    private void BeginLead(LeadWish wish)
    {
        switch (_member.Campaign())
        {
            case CampaignOutcome.AlreadyLeader:
                wish.Done.TrySetResult(new LeadOutcome.Leading(_member.Term));
                break;
            case CampaignOutcome.NotEligible:
                wish.Done.TrySetResult(new LeadOutcome.NotEligible());
                break;
            default:
                (_wishes ??= []).Add(wish);
                break;
        }
    }

    /// <summary>The log writer is behind: the wish is taken up when it has caught up.</summary>
    private void WishLater(LeadWish wish)
    {
        lock (_lock)
        {
            if (_end is { } reason) wish.Done.TrySetResult(new LeadOutcome.Ended(reason));
            else (_wishes ??= []).Add(wish);
            ShowAwake();
        }
    }

    private void AgeWishes()
    {
        if (_wishes is null) return;
        foreach (var wish in _wishes) wish.TicksLeft--;
        FinishWishes(static wish => wish.TicksLeft <= 0, new LeadOutcome.TimedOut(_member.Leader));
    }

    private void RepeatWishes()
    {
        if (_wishes is not null) _member.Campaign();
    }

    private void FinishWishes(Func<LeadWish, bool> which, LeadOutcome outcome)
    {
        if (_wishes is not { } wishes) return;
        foreach (var wish in wishes.Where(which)) _work.Add(new GroupWork.Complete(() => wish.Done.TrySetResult(outcome)));
        wishes.RemoveAll(wish => which(wish));
        if (wishes.Count == 0) _wishes = null;
    }

    private void BeginRead(TaskCompletionSource<ReadIndexOutcome> done)
    {
        var outcome = _member.ReadIndex(++_lastRead);
        if (outcome is ReadOutcome.Pending) (_reads ??= []).Add(_lastRead, done);
        else done.TrySetResult(outcome is ReadOutcome.NotLeader { Leader: var leader } ? new ReadIndexOutcome.NotLeader(leader) : new ReadIndexOutcome.Busy());
    }

    private void Confirmed(ReadAnswer answer)
    {
        if (_reads is null || !_reads.Remove(answer.Read, out var done)) return;
        if (_reads.Count == 0) _reads = null;
        if (answer.Index is { } index) (_confirmed ??= []).Add(new(index, done));
        else
        {
            var leader = _member.Leader;
            _work.Add(new GroupWork.Complete(() => done.TrySetResult(new ReadIndexOutcome.NotLeader(leader))));
        }
    }

    private void ServeReads()
    {
        if (_confirmed is null) return;
        foreach (var read in _confirmed.Where(read => read.Index <= _handedOver))
            _work.Add(new GroupWork.Complete(() => read.Done.TrySetResult(new ReadIndexOutcome.Ready(read.Index))));
        _confirmed.RemoveAll(read => read.Index <= _handedOver);
        if (_confirmed.Count == 0) _confirmed = null;
    }

    private void EndWaits(string reason)
    {
        FinishWishes(static _ => true, new LeadOutcome.Ended(reason));
        foreach (var done in (_reads?.Values ?? Enumerable.Empty<TaskCompletionSource<ReadIndexOutcome>>()).Concat((_confirmed ?? []).Select(read => read.Done)))
            _work.Add(new GroupWork.Complete(() => done.TrySetResult(new ReadIndexOutcome.Ended(reason))));
        (_reads, _confirmed) = (null, null);
    }
}
