namespace Notebook.Grains.Kernels;

/// <summary>Replicas that move to another server, and replicas that are missing for long.</summary>
internal sealed partial class KernelGrain
{
    /// <summary>How long a replica may be missing before another server is looked for: its own is often back in seconds, with its log.</summary>
    public static readonly TimeSpan GivenUpAfter = TimeSpan.FromMinutes(1);

    private readonly Dictionary<ReplicaId, DateTimeOffset> _missingSince = [];
    private IGrainTimer? _moveLimit;
    private IGrainTimer? _lack;
    private bool _saidShort;

    /// <inheritdoc/>
    public async Task Move(ReplicaId from, ServerId target, string reason)
    {
        var fault = _life is null ? "there is no such kernel" : _life.BeginMove(from, target, reason, time.GetUtcNow());
        if (fault is not null)
        {
            await Manager.MoveEnded(Id, new MoveEnding(from, target, Done: false, fault));
            return;
        }

        var move = _life!.Move!;
        LogMoveBegun(Id, from, move.To, target, reason);
        await StoreAsync();
        LimitMove();
        await AssignAsync([_life.Find(move.To)!]);
        await TellPeersAsync();   // who leads takes the new one in
        Publish();
    }

    /// <summary>Takes the move as far as it can go now.</summary>
    private async Task MoveOnAsync()
    {
        switch (_life?.StandOfMove(time.GetUtcNow(), _queue.Running?.Replica) ?? MoveStand.None)
        {
            case MoveStand.CanHandOver:
                await HandOverAsync();
                break;
            case MoveStand.CanFinish:
                await EndMoveAsync(null);
                break;
            case MoveStand.Failed:
                await EndMoveAsync(_life!.WhyMoveFailed());
                break;
            case MoveStand.UnderWay when _moveLimit is null:
                LimitMove();   // it began in an earlier activation
                break;
            default:
                break;   // it waits for the new replica, or for the end of a cell: both come here again
        }
    }

    /// <summary>The new replica has what the only one has: it takes over, and no cell starts until it says that it has, or the limit is over.</summary>
    private async Task HandOverAsync()
    {
        var move = _life!.Move!;
        _life.HandOver(time.GetUtcNow());
        LogHandOver(Id, move.From, move.To);
        await StoreAsync();   // from here on the old one may be removed from the kernel's group
        _moveLimit?.Dispose();
        _moveLimit = null;
        LimitMove();
        await TellPeersAsync();
    }

    /// <param name="fault">Why it failed; null when it is done.</param>
    private async Task EndMoveAsync(string? fault)
    {
        var move = _life!.Move!;
        _life.EndMove(done: fault is null);
        _moveLimit?.Dispose();
        _moveLimit = null;
        LogMoveEnded(Id, move.From, move.Target, fault is null, fault);
        await StoreAsync();
        await TellPeersAsync();   // who leads removes the one that goes, while it is still there to say so
        await LetGoAsync();
        await MoveReservationAsync();
        await Manager.MoveEnded(Id, new MoveEnding(move.From, move.Target, fault is null, fault));
        await ReplicaCameOrWentAsync();
    }

    private void LimitMove()
    {
        var limit = _life!.IsHandingOver ? ReplicaMove.HandOverLimit : ReplicaMove.Limit;
        _moveLimit ??= this.RegisterGrainTimer(OnMoveLimitAsync, new GrainTimerCreationOptions(limit, limit) { KeepAlive = true });
    }

    private async Task OnMoveLimitAsync()
    {
        await MoveOnAsync();
        Publish();
    }

    /// <summary>Sees to it that the cluster manager hears of a replica that is missing: at once of one that never was, after a while of one that may come back.</summary>
    private void WatchReplicas()
    {
        var life = _life!;
        var now = time.GetUtcNow();
        var missing = life.Ended || life.DeadReason is not null ? [] : life.Missing.Select(r => r.Id).ToHashSet();
        foreach (var back in _missingSince.Keys.Where(id => !missing.Contains(id)).ToArray()) _missingSince.Remove(back);
        foreach (var id in missing) _missingSince.TryAdd(id, now);
        if (!life.IsShort && missing.Count == 0)
        {
            _lack?.Dispose();
            (_lack, _saidShort) = (null, false);
            return;
        }

        _lack ??= this.RegisterGrainTimer(SayLackAsync, new GrainTimerCreationOptions(GivenUpAfter, GivenUpAfter) { KeepAlive = true });
        if (!life.IsShort || _saidShort) return;
        _saidShort = true;
        _ = Manager.LacksReplica(Id);
    }

    private Task SayLackAsync() =>
        _life is { Ended: false, DeadReason: null } life && (life.IsShort || life.Missing.Any(r => IsGivenUp(r.Id)))
            ? Manager.LacksReplica(Id)
            : Task.CompletedTask;

    private bool IsGivenUp(ReplicaId replica) => _missingSince.TryGetValue(replica, out var since) && time.GetUtcNow() - since >= GivenUpAfter;
}
