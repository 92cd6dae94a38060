namespace Notebook.Grains.Kernels;

/// <summary>How the move of a replica stands.</summary>
internal enum MoveStand
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The new replica comes up, catches up, or takes over.</summary>
    UnderWay,

    /// <summary>The new replica is ready, but the old one runs a cell.</summary>
    WaitsForCell,

    /// <summary>The new replica has what the kernel's only one has, and can take over from it.</summary>
    CanHandOver,

    /// <summary>The old one can go.</summary>
    CanFinish,

    /// <summary>The new one does not come up, or cannot take over.</summary>
    Failed,
}

/// <content>
/// The move of a replica: another one comes up on the target, joins and catches up, and only then the old one goes, so that
/// there is a majority all along. Where it is the only one there is no such majority, and the move has two steps more. The
/// new one joins as a learner, on which nothing depends. When it has everything, no cell is started until it has taken the lead
/// and removed the old one from the group, and says so. Until then the old one is not stopped, and has all that was ever
/// acknowledged: whatever fails, it goes on alone.
/// </content>
internal sealed partial class KernelLife
{
    /// <summary>The move of a replica under way; null when there is none.</summary>
    public ReplicaMove? Move { get; private set; } = record.Move;

    /// <summary>Whether the only replica hands the kernel over, so that no cell may start.</summary>
    public bool IsHandingOver => Move?.HandingOver is not null;

    /// <summary>Begins a move.</summary>
    /// <returns>Why it cannot; null when it has begun.</returns>
    public string? BeginMove(ReplicaId from, ServerId target, string reason, DateTimeOffset now)
    {
        if (Ended || DeadReason is not null) return "the kernel has ended";
        if (Definition.IsForeign) return "the kernel is not replicated, and has its variables in its process alone";
        if (Move is { } other) return $"replica {other.From} of the kernel moves already";
        if (Find(from) is null) return $"the kernel has no replica {from} any more";
        if (_replicas.Exists(r => r.Server == target)) return $"the kernel has a replica on server {target} already";
        if (_replicas is [{ Phase: not ReplicaPhase.Ready } only]) return $"the kernel's only replica is {only.Phase.ToString().ToLowerInvariant()}, and nothing else has its state";
        if (2 * _replicas.Count(r => r.Phase == ReplicaPhase.Ready) <= _replicas.Count) return "fewer than a majority of the kernel's replicas are ready";
        var isOnlyOne = _replicas.Count == 1;
        Move = new ReplicaMove(from, Add(target).Id, target, now, reason) { IsOfOnlyOne = isOnlyOne };
        return null;
    }

    /// <summary>How the move stands.</summary>
    /// <param name="now">The time.</param>
    /// <param name="running">The replica that runs a cell, or did when it was lost; null while there is no such cell.</param>
    public MoveStand StandOfMove(DateTimeOffset now, ReplicaId? running)
    {
        if (Move is not { } move) return MoveStand.None;
        var to = Find(move.To);
        if (move.HandingOver is { } since)
        {
            if (to is { IsAlone: true }) return MoveStand.CanFinish;
            return to is null or { Phase: ReplicaPhase.Stopped } || now - since >= ReplicaMove.HandOverLimit ? MoveStand.Failed : MoveStand.UnderWay;
        }

        if (to is { Phase: ReplicaPhase.Ready } && (!move.IsOfOnlyOne || Find(move.From) is { Phase: ReplicaPhase.Ready }))
        {
            if (move.IsOfOnlyOne && WhyHeldBack(move) is not null) return MoveStand.Failed;
            if (running is not null && (move.IsOfOnlyOne || running == move.From)) return MoveStand.WaitsForCell;
            return move.IsOfOnlyOne ? MoveStand.CanHandOver : MoveStand.CanFinish;
        }

        return to is { Phase: not ReplicaPhase.Stopped } && now < move.Deadline(Find(move.From)?.StateBytes ?? 0)
            ? MoveStand.UnderWay   // a lost one is started again
            : MoveStand.Failed;
    }

    /// <summary>Why the move failed, in words for operators.</summary>
    public string WhyMoveFailed()
    {
        var move = Move ?? throw new InvalidOperationException("no replica moves");
        if (move.IsOfOnlyOne && WhyHeldBack(move) is { } held) return held;
        if (Find(move.To) is { Reason: { } reason }) return reason;
        if (move.HandingOver is not null) return $"its replica there could not take over within {ReplicaMove.HandOverLimit.TotalSeconds:0} s";
        return Find(move.From) is { Phase: not ReplicaPhase.Ready } from && move.IsOfOnlyOne
            ? $"server {from.Server}, which has the state, was away"
            : $"its replica there was not ready within {(move.Deadline(Find(move.From)?.StateBytes ?? 0) - move.Since).TotalSeconds:0} s";
    }

    /// <summary>The only replica hands over from now on.</summary>
    public void HandOver(DateTimeOffset now) => Move = (Move ?? throw new InvalidOperationException("no replica moves")) with { HandingOver = now };

    /// <summary>Ends the move.</summary>
    /// <param name="done">Whether the old replica goes; else the new one does.</param>
    public void EndMove(bool done)
    {
        var move = Move ?? throw new InvalidOperationException("no replica moves");
        Move = null;
        var (goes, stays) = done ? (move.From, move.To) : (move.To, move.From);
        if (Executor == goes && Find(stays) is { Phase: ReplicaPhase.Ready }) Lead(stays);
        else if (Executor == goes) LoseExecutor();
        Remove(goes);
    }

    /// <summary>What came up meanwhile that keeps the only replica where it is.</summary>
    private string? WhyHeldBack(ReplicaMove move) =>
        Find(move.From)?.AtRisk is { Names: [var name, ..] } ? $"replica {move.From} alone has the value {name}" : null;

    /// <summary>Whether a replica only learns for now, so that it can neither run cells nor stand in for the others.</summary>
    private bool Joins(ReplicaId replica) => Move is { IsOfOnlyOne: true } move && move.To == replica;

    private PeerStanding StandingOf(ReplicaId replica) => Move switch
    {
        { IsOfOnlyOne: true, HandingOver: null } move when move.To == replica => PeerStanding.Joins,
        { HandingOver: not null } move when move.From == replica => PeerStanding.Leaves,
        _ => PeerStanding.Stays,
    };
}
