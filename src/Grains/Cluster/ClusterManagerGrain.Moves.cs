using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Cluster;

/// <summary>Replicas that move away from servers that are to be empty.</summary>
internal sealed partial class ClusterManagerGrain
{
    /// <summary>Moves away from draining servers under way at a time.</summary>
    private const int MaxDrainMoves = 4;

    private readonly Dictionary<KernelId, MoveView> _moves = [];                  // but those for waiting cells, which the queue knows
    private readonly Dictionary<KernelId, DateTimeOffset> _noMoveBefore = [];     // of kernels whose last move failed
    private readonly Dictionary<ServerId, string> _drainFaults = [];

    /// <inheritdoc/>
    public async Task<DrainView?> Drain(ServerId server, bool drain)
    {
        if (servers.State.Servers.FirstOrDefault(s => s.Server == server) is not { } known) return null;
        if (known.Draining != drain)
        {
            servers.State = new ServersRecord { Servers = servers.State.Servers.Replace(known, known with { Draining = drain }) };
            await servers.WriteStateAsync();
            _board.Drain(server, drain);
            LogDrain(server, drain);
            Decide("drain", null, 0, "", drain ? $"server {server} is to be empty" : $"server {server} is used again", "its operator, or the scaling, wants it", []);
        }

        if (!drain) _drainFaults.Remove(server);
        TickSoon();
        await DrainOnAsync();
        var replicas = await Server(server).View() is { } view ? view.Replicas.Length : 0;
        return new DrainView(server, drain, replicas, drain && replicas > 0 ? _drainFaults.GetValueOrDefault(server) : null);
    }

    /// <inheritdoc/>
    public async Task MoveEnded(KernelId kernel, MoveEnding ending)
    {
        LogMoved(kernel, ending.From, ending.Target, ending.Done, ending.Reason);
        Decide("move", kernel, 0, "", $"replica {ending.From.Number} {(ending.Done ? "has moved" : "stays")}",
            ending.Reason ?? $"its place is on server {ending.Target} now", []);
        if (_moves.Remove(kernel) && !ending.Done) _noMoveBefore[kernel] = time.GetUtcNow() + ClusterQueue.MovePause;
        _queue.MoveEnded(kernel, ending, time.GetUtcNow());
        await DrainOnAsync();
        if (_queue.Count > 0) await TurnAsync();
    }

    /// <summary>Has replicas moved away from every server that is to be empty, a few at a time.</summary>
    private async Task DrainOnAsync()
    {
        var now = time.GetUtcNow();
        foreach (var (kernel, until) in _noMoveBefore.ToArray())
        {
            if (until <= now) _noMoveBefore.Remove(kernel);
        }

        foreach (var server in servers.State.Servers.Where(s => s.Draining).Select(s => s.Server))
        {
            if (_moves.Count >= MaxDrainMoves) return;
            if (await Server(server).View() is not { } view) continue;
            foreach (var replica in view.Replicas)
            {
                if (_moves.Count >= MaxDrainMoves) return;
                if (_moves.ContainsKey(replica.Kernel) || _noMoveBefore.ContainsKey(replica.Kernel)) continue;
                if (_queue.Moves.Any(m => m.From.Kernel == replica.Kernel)) continue;
                if (await MoveAwayAsync(replica, now) is { } fault) _drainFaults[server] = fault;
                else _drainFaults.Remove(server);
            }
        }
    }

    /// <summary>Moves one replica to wherever the policy says.</summary>
    /// <returns>Why it cannot; null when it moves.</returns>
    private async Task<string?> MoveAwayAsync(ReplicaId replica, DateTimeOffset now)
    {
        if (await Kernel(replica.Kernel).View() is not { } kernel) return null;   // it ends
        var definition = kernel.Definition;
        var all = kernel.Movables;
        var (movable, sources) = MoveCandidates.Of(all, _board);
        var at = movable.IndexOf(movable.FirstOrDefault(r => r.Replica == replica)!);
        if (at < 0)
        {
            return all.FirstOrDefault(r => r.Replica == replica)?.Pinned is { } pinned
                ? $"replica {replica} stays: {pinned}"
                : all.Length == 1
                ? $"replica {replica} stays until it is up: nothing else has its kernel's state"
                : $"replica {replica} stays while fewer than a majority of its kernel's replicas are ready";
        }

        var targets = _board.Able(definition.SpecName, definition.Promise, _subscription, GpuLimit, all.Select(r => r.Server).ToHashSet());
        if (targets.IsEmpty) return $"no other server can take replica {replica}: it promises {definition.Promise}";
        if (migration.Choose(new(replica.Kernel, definition.Promise, [movable[at]], [sources[at]], targets)) is not { } move)
            return $"the policy {migration.Name} moves replica {replica} nowhere";
        _moves[replica.Kernel] = new MoveView(replica, move.Target, now, $"server {all.First(r => r.Replica == replica).Server} is to be empty; {move.Reason}");
        LogMoving(replica.Kernel, replica, move.Target, migration.Name, move.Reason);
        Decide("move", replica.Kernel, 0, migration.Name, $"replica {replica.Number} moves to server {move.Target}",
            _moves[replica.Kernel].Reason, Considered(definition.Promise, [move.Target]));
        await Kernel(replica.Kernel).Move(replica, move.Target, move.Reason);
        return null;
    }

    [LoggerMessage(EventId = 3321, Level = LogLevel.Information, Message = "Server {Server} is to be empty: {Drain}")]
    private partial void LogDrain(ServerId server, bool drain);

    [LoggerMessage(EventId = 3322, Level = LogLevel.Information, Message = "Kernel {Kernel}: the move of replica {Replica} to server {Server} is over, done: {Done} {Reason}")]
    private partial void LogMoved(KernelId kernel, ReplicaId replica, ServerId server, bool done, string? reason);
}
