namespace Notebook.Grains.Cluster;

/// <summary>
/// The cells that wait for GPUs: one queue for the cluster, one place for each kernel. A turn goes through it in the order of
/// the policy. Who finds room at a server of its kernel is offered it; else a replica of its kernel moves to where there is
/// room; else it waits, and smaller cells behind it may go ahead. When it has waited for <see cref="Patience"/>, what becomes
/// idle at the best of its servers is kept for it, so that nobody overtakes it there any more. No clock, no IO: `now` comes in,
/// steps come out.
/// </summary>
/// <remarks>Rooms kept at the servers are renewed by repeated steps (<see cref="Renewal"/>), and lapse there when nobody renews them.</remarks>
internal sealed class ClusterQueue(IQueuePolicy policy, IMigrationPolicy migration, Subscription subscription, QueueRecord record)
{
    /// <summary>How many cells may wait.</summary>
    public const int Capacity = 10_000;

    /// <summary>Moves for waiting cells under way at a time.</summary>
    public const int MaxMoves = 16;

    /// <summary>How long a cell may be overtaken.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>How long an offer stands that is not taken.</summary>
    public static readonly TimeSpan OfferLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long after a failed move none is tried for the same kernel.</summary>
    public static readonly TimeSpan MovePause = TimeSpan.FromSeconds(30);

    /// <summary>How long a cell keeps its place without its kernel having asked again; kernels ask every ten seconds.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromMinutes(1);

    /// <summary>How often what is kept at a server is kept anew.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);

    private readonly Dictionary<KernelId, Entry> _entries = record.Entries.ToDictionary(e => e.Cell.Kernel, e => new Entry(e.Cell, e.Since) { Heard = null });

    /// <summary>How many wait.</summary>
    public int Count => _entries.Count;

    /// <summary>What has to be stored.</summary>
    public QueueRecord Record => new() { Entries = [.. Arrivals().Select(e => new QueuedEntry(e.Cell, e.Since))] };

    /// <summary>What waits and is neither offered room nor on the move: what the cluster lacks.</summary>
    public ImmutableArray<ResourceAmounts> Unmet =>
        [.. Arrivals().Where(IsUnmet).Select(e => e.Cell.Amounts)];

    /// <summary>The GPUs of <see cref="Unmet"/>. Who is offered room, or moves to it, stays in the queue until after it holds that.</summary>
    public int UnmetGpus => _entries.Values.Where(IsUnmet).Sum(e => e.Cell.Amounts.Gpus);

    /// <summary>The moves under way.</summary>
    public ImmutableArray<MoveView> Moves => [.. Arrivals().Select(e => e.Moving).OfType<MoveView>()];

    /// <summary>A cell wants to wait; one that waits already keeps its place.</summary>
    /// <returns>Whether what is stored changes by it; null when no more may wait.</returns>
    public bool? Join(WaitingCell cell, DateTimeOffset now)
    {
        if (_entries.TryGetValue(cell.Kernel, out var known) && known.Cell.MessageId == cell.MessageId)
        {
            (known.Cell, known.Heard) = (cell, now);
            return false;
        }

        if (known is null && _entries.Count >= Capacity) return null;
        _entries[cell.Kernel] = new Entry(cell, now) { Heard = now };
        return true;
    }

    /// <summary>A kernel waits for nothing up to and with this execution.</summary>
    /// <returns>Whether it did.</returns>
    public bool Leave(KernelId kernel, long execution) =>
        _entries.TryGetValue(kernel, out var entry) && entry.Cell.Execution <= execution && _entries.Remove(kernel);

    /// <summary>A move that was asked of a kernel is over.</summary>
    public void MoveEnded(KernelId kernel, MoveEnding ending, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(kernel, out var entry) || entry.Moving is null) return;
        entry.Moving = null;
        if (!ending.Done) entry.NoMoveBefore = now + MovePause;
        else (entry.Offered, entry.OfferedAt) = (ending.Target, now);   // the room there is kept for it
    }

    /// <summary>Goes through the queue.</summary>
    /// <param name="board">The servers.</param>
    /// <param name="now">The time.</param>
    /// <param name="gpuLimit">How far GPUs may be promised more than once.</param>
    /// <param name="busy">Kernels of which a replica moves for another reason.</param>
    public ImmutableArray<QueueStep> Turn(ServerBoard board, DateTimeOffset now, double gpuLimit, IReadOnlySet<KernelId> busy)
    {
        DropAbsent(now);
        if (_entries.Count == 0) return [];
        var arrivals = Arrivals();
        var order = policy.Order(new(now, [.. arrivals.Select(e => new QueuedRequest(e.Cell.Kernel, e.Cell.User, e.Cell.Amounts, e.Since))], HeldGpus(board)));

        // What is kept for somebody is taken from what is free, wherever its owner stands in the queue.
        var turn = new TurnState(board, now, gpuLimit, busy);
        foreach (var entry in arrivals)
        {
            if (entry.Offered is { } offered && (now - entry.OfferedAt >= OfferLimit || !turn.Free.ContainsKey(offered))) entry.Offered = null;
            if (entry.Kept is { } kept && !turn.Free.ContainsKey(kept)) entry.Kept = null;
            if (entry.Room is { } room) turn.Take(room, entry.Cell.Amounts);
            if (entry.Kept is { } keeps) turn.Keepers.Add(keeps);
        }

        var place = 0;
        foreach (var index in order)
        {
            var entry = arrivals[index];
            entry.Place = ++place;
            Decide(entry, turn);
        }

        return turn.Steps.DrainToImmutable();
    }

    /// <summary>A kernel's place in the last turn; null when it does not wait.</summary>
    public QueuePlace? PlaceOf(KernelId kernel) => _entries.TryGetValue(kernel, out var entry) ? View(entry) : null;

    /// <summary>The server where room is kept for a kernel that is to ask there; null when there is none.</summary>
    public ServerId? OfferTo(KernelId kernel) => _entries.TryGetValue(kernel, out var entry) ? entry.Offered : null;

    /// <summary>The places of the last turn, in order.</summary>
    public ImmutableArray<QueuePlace> Places() => [.. _entries.Values.OrderBy(e => e.Place).Select(View)];

    private void Decide(Entry entry, TurnState turn)
    {
        var cell = entry.Cell;
        if (entry.Offered is { } offered)
        {
            entry.Reason = Offered(cell, offered);
            return;
        }

        if (entry.Moving is { } moving)
        {
            entry.Reason = Moving(cell, moving.From, moving.Target);
            Renew(entry, moving.Target, isIdle: true, turn);
            return;
        }

        if (entry.Kept is { } kept) turn.Give(kept, cell.Amounts);   // for itself it is free
        if (Snuggest(cell, turn) is { } server)
        {
            (entry.Offered, entry.OfferedAt, entry.Kept) = (server, turn.Now, null);
            entry.Reason = Offered(cell, server);
            turn.Take(server, cell.Amounts);
            turn.Steps.Add(new QueueStep.Offer(cell, server));
            return;
        }

        if (!turn.Busy.Contains(cell.Kernel) && turn.Now >= entry.NoMoveBefore && Moves.Length < MaxMoves && ChooseMove(cell, turn) is { } move)
        {
            (entry.Moving, entry.Kept, entry.RenewedAt) = (new MoveView(move.Replica, move.Target, turn.Now, move.Reason), null, turn.Now);
            entry.Reason = Moving(cell, move.Replica, move.Target);
            turn.Take(move.Target, cell.Amounts);
            turn.Steps.Add(new QueueStep.Move(cell, move));
            return;
        }

        entry.Reason = Lack(cell, turn);
        if (turn.Now - entry.Since < Patience) return;
        if ((entry.Kept ??= Soonest(cell, turn)) is not { } reserved) return;
        turn.Keepers.Add(reserved);
        turn.Take(reserved, cell.Amounts);
        entry.Reason += $"; what becomes idle on server {reserved} is kept for it";
        Renew(entry, reserved, isIdle: false, turn);
    }

    private static void Renew(Entry entry, ServerId server, bool isIdle, TurnState turn)
    {
        if (turn.Now - entry.RenewedAt < Renewal) return;
        entry.RenewedAt = turn.Now;
        turn.Steps.Add(new QueueStep.Keep(entry.Cell, server, isIdle));
    }

    /// <summary>Of the kernel's servers with room the executor's, else the one with the least: what is left in one piece is of use to larger cells.</summary>
    private static ServerId? Snuggest(WaitingCell cell, TurnState turn)
    {
        MovableReplica? best = null;
        foreach (var replica in cell.Replicas)
        {
            if (!replica.IsReady || !turn.Free.TryGetValue(replica.Server, out var room) || !cell.Amounts.FitsIn(room)) continue;
            if (best is null || replica.IsExecutor || (!best.IsExecutor && room.Gpus < turn.Free[best.Server].Gpus)) best = replica;
        }

        return best?.Server;
    }

    private MigrationDecision? ChooseMove(WaitingCell cell, TurnState turn)
    {
        if (!turn.Free.Values.Any(room => cell.Amounts.FitsIn(room))) return null;
        var (replicas, sources) = MoveCandidates.Of(cell.Replicas, turn.Board);
        if (replicas.IsEmpty) return null;
        ImmutableArray<PlacementServer> targets =
        [
            .. turn.Board.Able(cell.SpecName, cell.Amounts, subscription, turn.GpuLimit, cell.Replicas.Select(r => r.Server).ToHashSet())
                .Where(s => cell.Amounts.FitsIn(turn.Free[s.Server]))
                .Select(s => s with { IdleGpus = turn.Free[s.Server].Gpus }),
        ];
        return targets.IsEmpty ? null : migration.Choose(new(cell.Kernel, cell.Amounts, replicas, sources, targets));
    }

    /// <summary>Of the kernel's servers that could run it the one where least is lacking. What becomes idle somewhere is kept for one cell at a time, else two would wait for each other.</summary>
    private static ServerId? Soonest(WaitingCell cell, TurnState turn) => cell.Replicas
        .Where(r => r.IsReady && turn.Free.ContainsKey(r.Server) && !turn.Keepers.Contains(r.Server))
        .Where(r => turn.Board.Find(r.Server) is { } server && cell.Amounts.FitsIn(server.Account.Spec))
        .OrderByDescending(r => turn.Free[r.Server].Gpus)
        .ThenByDescending(r => r.IsExecutor)
        .Select(r => (ServerId?)r.Server)
        .FirstOrDefault();

    private static string Lack(WaitingCell cell, TurnState turn)
    {
        var own = cell.Replicas.Select(r => r.Server).Distinct().ToArray();
        var most = own.Where(turn.Free.ContainsKey).Select(s => turn.Free[s].Gpus).DefaultIfEmpty(0).Max();
        return $"{cell.Amounts}: the kernel's servers ({string.Join(", ", own)}) have at most {Math.Max(0, most)} GPUs free for it, and no other server could take it at once";
    }

    private static string Offered(WaitingCell cell, ServerId server) => $"{cell.Amounts} kept for it on server {server}";

    private static string Moving(WaitingCell cell, ReplicaId from, ServerId target) =>
        $"the move of the kernel's replica from {Source(cell, from)} to server {target}, where it finds {cell.Amounts}";

    private static string Source(WaitingCell cell, ReplicaId from) =>
        cell.Replicas.FirstOrDefault(r => r.Replica == from) is { } replica ? $"server {replica.Server}" : "a server";

    private static ImmutableDictionary<string, int> HeldGpus(ServerBoard board)
    {
        var held = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var server in board.All)
        {
            foreach (var (user, gpus) in server.Users) held[user] = held.GetValueOrDefault(user) + gpus;
        }

        return held.ToImmutable();
    }

    /// <summary>Kernels that are gone, or whose gateways do not come back after a crash, must not keep their places for ever.</summary>
    private void DropAbsent(DateTimeOffset now)
    {
        foreach (var (kernel, entry) in _entries.ToArray())
        {
            entry.Heard ??= now;
            if (now - entry.Heard >= Absence) _entries.Remove(kernel);
        }
    }

    private static bool IsUnmet(Entry entry) => entry is { Offered: null, Moving: null };

    private Entry[] Arrivals() => [.. _entries.Values.OrderBy(e => e.Since).ThenBy(e => e.Cell.Kernel.Value, StringComparer.Ordinal)];

    private QueuePlace View(Entry entry) => new(
        entry.Cell.Kernel, entry.Cell.Execution, entry.Cell.User, entry.Cell.Amounts, entry.Place, entry.Since,
        $"{entry.Reason} (place {entry.Place} of {_entries.Count} in the cluster's queue)");

    private sealed class Entry(WaitingCell cell, DateTimeOffset since)
    {
        public WaitingCell Cell { get; set; } = cell;

        public DateTimeOffset Since { get; } = since;

        /// <summary>When its kernel last said that it waits; null after a crash, until the first turn.</summary>
        public DateTimeOffset? Heard { get; set; }

        /// <summary>Where room is kept that the kernel is to ask for.</summary>
        public ServerId? Offered { get; set; }

        public DateTimeOffset OfferedAt { get; set; }

        /// <summary>The move that is to bring it to room.</summary>
        public MoveView? Moving { get; set; }

        /// <summary>Where what becomes idle is kept for it.</summary>
        public ServerId? Kept { get; set; }

        public DateTimeOffset RenewedAt { get; set; }

        public DateTimeOffset NoMoveBefore { get; set; }

        public int Place { get; set; }

        public string Reason { get; set; } = "";

        /// <summary>Where something is kept for it, in whichever way.</summary>
        public ServerId? Room => Offered ?? Moving?.Target ?? Kept;
    }

    /// <summary>What a turn knows and what comes of it.</summary>
    private sealed class TurnState(ServerBoard board, DateTimeOffset now, double gpuLimit, IReadOnlySet<KernelId> busy)
    {
        public ServerBoard Board { get; } = board;

        public DateTimeOffset Now { get; } = now;

        public double GpuLimit { get; } = gpuLimit;

        public IReadOnlySet<KernelId> Busy { get; } = busy;

        /// <summary>What is idle on the servers that are up, less what is kept; negative where more is kept than is idle.</summary>
        public Dictionary<ServerId, ResourceAmounts> Free { get; } = board.All.Where(s => s.IsUp).ToDictionary(s => s.Server, s => s.Account.Idle);

        /// <summary>Servers where what becomes idle is kept for somebody.</summary>
        public HashSet<ServerId> Keepers { get; } = [];

        public ImmutableArray<QueueStep>.Builder Steps { get; } = ImmutableArray.CreateBuilder<QueueStep>();

        public void Take(ServerId server, in ResourceAmounts amounts)
        {
            if (Free.TryGetValue(server, out var room)) Free[server] = room - amounts;
        }

        public void Give(ServerId server, in ResourceAmounts amounts)
        {
            if (Free.TryGetValue(server, out var room)) Free[server] = room + amounts;
        }
    }
}
