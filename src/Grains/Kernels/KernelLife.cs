namespace Notebook.Grains.Kernels;

/// <summary>What news of a replica means for its kernel.</summary>
internal enum ReplicaNews
{
    /// <summary>Nothing: it is known, or of a replica that the kernel does not have.</summary>
    None,

    /// <summary>A replica changed; the executor is as it was.</summary>
    Changed,

    /// <summary>The executor's process is gone, and what it held with it.</summary>
    ExecutorLost,
}

/// <summary>
/// The life of one kernel over the deaths of its processes: which replicas there are, which one is the executor, how
/// often the user restarted it. State is in the log of the replicas' Raft group, so that an executor can be replaced
/// without a word (design, sections 4 to 6). No clock, no IO.
/// </summary>
internal sealed partial class KernelLife(KernelDefinition definition, KernelRecord record, Keeping byDefault, IStandbyPolicy standbyPolicy)
{
    private readonly List<ReplicaView> _replicas = [.. record.Replicas];
    private readonly List<LeavingReplica> _leaving = [.. record.Leaving];
    private readonly HashSet<ReplicaId> _missed = [];   // whose agents were not connected when a cell was to go there
    private readonly Dictionary<ServerId, string> _addresses = record.Replicas
        .Where(r => r.DataAddress.Length > 0).ToDictionary(r => r.Server, r => r.DataAddress);   // of agents

    /// <summary>What the user asked for.</summary>
    public KernelDefinition Definition { get; } = definition;

    /// <summary>How its user wants its state kept.</summary>
    public KeepingRequest Asked { get; private set; } = record.Keeping;

    /// <summary>How its state is kept.</summary>
    public Keeping Keeping => new(Asked.Durability ?? byDefault.Durability, StandbyChoice.Mode);

    /// <summary>What its standbys are to do, and why.</summary>
    public StandbyDecision StandbyChoice => Definition.IsForeign
        ? new(StandbyMode.Hot, "its kernelspec is not ours, so it has one process, and keeps it")
        : standbyPolicy.Choose(new StandbyKernel(Definition.Kernel, Asked.Standby, Definition.ReplicaCount));

    /// <summary>Its Jupyter session.</summary>
    public string Session { get; private set; } = record.Session;

    /// <summary>Restarts that the user asked for, and one. Each incarnation has a Raft group of its own.</summary>
    public int Incarnation { get; private set; } = record.Incarnation;

    /// <summary>The replicas that this incarnation's Raft group began with.</summary>
    public ImmutableArray<ReplicaId> Founders { get; private set; } = record.Founders;

    /// <summary>Grows with every change of the executor.</summary>
    public long Epoch { get; private set; } = record.Epoch;

    /// <summary>Who runs the cells; null while no replica can.</summary>
    public ReplicaId? Executor { get; private set; } = record.Executor;

    /// <summary>Whether the kernel may have state: a cell was ordered in this incarnation, so that a member without a log has lost its own.</summary>
    public bool HasState { get; private set; } = record.HasState;

    /// <summary>The number of the next new replica; never used twice.</summary>
    public int NextReplica { get; private set; } = record.NextReplica;

    /// <summary>What its notebook has set for the cells that follow; null while it has set nothing. Of this incarnation: a restart forgets it.</summary>
    public ResourceRequest? SetByNotebook { get; private set; } = record.SetByNotebook;

    /// <summary>What a cell gets that asks for nothing itself.</summary>
    public ResourceRequest PerCell => SetByNotebook ?? Definition.Resources ?? ResourceRequest.CpuOnly;

    /// <summary>Why the kernel is dead; null while it lives.</summary>
    public string? DeadReason { get; private set; } = record.DeadReason;

    /// <summary>Since when it has given its processes back, and why; null while it has not.</summary>
    public Reclaimed? Reclaimed { get; private set; } = record.Reclaimed;

    /// <summary>How often its only process was lost, and its variables with it; of a kernel that is not ours.</summary>
    public int Losses { get; private set; } = record.Losses;

    /// <summary>Whether it was shut down.</summary>
    public bool Ended { get; private set; } = record.Ended;

    /// <summary>The replicas.</summary>
    public IReadOnlyList<ReplicaView> Replicas => _replicas;

    /// <summary>The replicas that can run a cell, for the executor policy.</summary>
    public ImmutableArray<ExecutorCandidate> Candidates =>
    [
        .. _replicas
            .Where(r => r.Phase == ReplicaPhase.Ready && !_missed.Contains(r.Id) && !Joins(r.Id))
            .Select(r => new ExecutorCandidate(r.Id, r.Server, r.Id == Executor || r.Standby == StandbyMode.Hot)),
    ];

    /// <summary>The server of its only replica, while it is waited for, in words for its user; null while it is not.</summary>
    public string? WaitsForServer => DeadReason is null && _replicas.Where(r => !Joins(r.Id)).ToArray() is [{ Phase: ReplicaPhase.Lost } only]
        ? Definition.IsForeign ? $"its process to start again on server {only.Server}: {only.Reason ?? "it is gone"}"
        : $"server {only.Server}, which alone has the kernel's variables: {only.Reason ?? "its process is gone"}"
        : null;

    /// <summary>The replica's agent is not connected; until it is heard of again no cell goes there.</summary>
    public void Miss(ReplicaId replica) => _missed.Add(replica);

    /// <summary>Whether another replica could run a cell.</summary>
    public bool HasOtherThan(ReplicaId replica) => Candidates.Any(c => c.Replica != replica);

    /// <summary>What standbys are to do; a single replica has none.</summary>
    public string Standbys => Founders.Length > 1 ? KeepingWords.Of(Keeping.Standby) : "none";

    /// <summary>Whether the others could go on at once, with everything that was acknowledged, if the executor's server were lost now.</summary>
    public bool StateSafe =>
        !HasState || (_replicas.Count(r => r.Id != Executor && r.Phase == ReplicaPhase.Ready && !Joins(r.Id)) > Founders.Length / 2
            && _replicas.TrueForAll(r => r.AtRisk is null or { Bytes: 0 }));

    /// <summary>What clients see.</summary>
    public KernelState State(bool busy) => this switch
    {
        { Ended: true } or { DeadReason: not null } => KernelState.Dead,
        { Executor: null } => KernelState.Starting,
        _ => busy ? KernelState.Busy : KernelState.Idle,
    };

    /// <summary>The replica, or null.</summary>
    public ReplicaView? Find(ReplicaId replica) => _replicas.Find(r => r.Id == replica);

    /// <summary>The process that the agent of a replica should have.</summary>
    public ReplicaAssignment AssignmentOf(ReplicaView replica) =>
        new(replica.Server, Definition, Session, replica.Incarnation) { Peers = Peers, Founders = Founders, Keeping = Keeping, IsReclaimed = Reclaimed is not null };

    /// <summary>Where the replicas find each other, as far as is known.</summary>
    public ImmutableArray<ReplicaPeer> Peers =>
        [.. _replicas.Select(r => new ReplicaPeer(r.Id, r.Server, _addresses.GetValueOrDefault(r.Server, "")) { Standing = StandingOf(r.Id) })];

    /// <summary>Takes in where a server's agent is reached; an empty address says nothing.</summary>
    public void Locate(ServerId server, string address)
    {
        if (address.Length > 0) _addresses[server] = address;
    }

    /// <summary>A new replica on a server.</summary>
    public ReplicaView Add(ServerId server)
    {
        var id = ReplicaId.Of(Definition.Kernel, NextReplica++);
        var replica = new ReplicaView(id, server, ReplicaPhase.Starting, 0, "", null, Incarnation);
        _replicas.Add(replica);
        return replica;
    }

    /// <summary>Whether it has fewer replicas than it wants.</summary>
    public bool IsShort => !Ended && DeadReason is null && _replicas.Count < Definition.ReplicaCount;

    /// <summary>The replicas that have no process and get none for now.</summary>
    public IEnumerable<ReplicaView> Missing => _replicas.Where(r => r.Phase is ReplicaPhase.Lost or ReplicaPhase.Stopped);

    /// <summary>Whether a server should get a replica, and whose place it takes (null: a new one's).</summary>
    /// <param name="server">The server.</param>
    /// <param name="isGivenUp">Whether a missing replica has been missing for too long.</param>
    /// <param name="inPlaceOf">The replica whose place it takes.</param>
    public bool Wants(ServerId server, Func<ReplicaId, bool> isGivenUp, out ReplicaView? inPlaceOf)
    {
        inPlaceOf = null;
        if (Ended || DeadReason is not null || Move is not null || _replicas.Exists(r => r.Server == server)) return false;
        if (IsShort) return true;
        if (Definition is { ReplicaCount: 1, IsForeign: false }) return false;   // what it knows is on its server alone: it waits for that to come back
        inPlaceOf = Missing.FirstOrDefault(r => isGivenUp(r.Id));
        return inPlaceOf is not null;
    }

    /// <summary>
    /// The replica that another one should take the place of on the same server, since its copy of the state is damaged; null
    /// when there is none, or while the others are no majority that could take the new one in.
    /// </summary>
    public ReplicaView? ToHeal =>
        !Ended && DeadReason is null && 2 * _replicas.Count(r => r.Phase == ReplicaPhase.Ready) > _replicas.Count
            ? _replicas.Find(r => r is { IsDamaged: true, Phase: ReplicaPhase.Stopped })
            : null;

    /// <summary>Replicas that are none of its own any more, and that have to be told so.</summary>
    public IReadOnlyList<LeavingReplica> Leaving => _leaving;

    /// <summary>Takes a replica out; it is <see cref="Leaving"/> until it is known to be gone.</summary>
    public void Remove(ReplicaId replica)
    {
        if (Find(replica) is not { } known) return;
        _replicas.Remove(known);
        _leaving.Add(new LeavingReplica(replica, known.Server));
    }

    /// <summary>Takes all of them out.</summary>
    public void RemoveAll()
    {
        foreach (var replica in _replicas.ToArray()) Remove(replica.Id);
    }

    /// <summary>Neither its grain nor its server knows of the replica any more.</summary>
    public void Gone(LeavingReplica replica) => _leaving.Remove(replica);

    /// <summary>Whether a log on a server's disk is of no use any more to a kernel that is known; it has no life when it ended.</summary>
    public static bool HasGivenUp(KernelLife? life, ServerId server, HeldLog held) =>
        life is not { Ended: false } || held.Incarnation < life.Incarnation
        || (held.Incarnation == life.Incarnation && life.Find(held.Replica)?.Server != server);

    /// <summary>Takes in what was heard of a replica.</summary>
    public ReplicaNews Hear(ReplicaView next)
    {
        var at = _replicas.FindIndex(r => r.Id == next.Id);
        _missed.Remove(next.Id);
        if (at < 0 || _replicas[at] is not { } before || before == next) return ReplicaNews.None;
        if (before.Incarnation != next.Incarnation) return ReplicaNews.None;   // of a process that was replaced since
        _replicas[at] = next;
        Locate(next.Server, next.DataAddress);
        if (next.Id != Executor) return ReplicaNews.Changed;

        // The executor was up when it was chosen. Anything but the same process being up still is its loss: a process
        // that starts, or another one that is ready, means that we missed the end of the one that held the state. One that
        // was chosen and runs nothing may be cold, or become so: then its log has all there is. So has that of a reclaimed
        // kernel, or of one whose cells have processes of their own, where the end of a process may be missed too.
        var sameProcess = next.Phase == ReplicaPhase.Ready
            && (before.ProcessId == 0 || before.ProcessId == next.ProcessId || next.Standby == StandbyMode.Cold || Reclaimed is not null || Definition.FreshProcesses);
        return sameProcess ? ReplicaNews.Changed : ReplicaNews.ExecutorLost;
    }

    /// <summary>Makes a replica the executor; a new one gets a new epoch, so that orders of the old one are stale.</summary>
    public void Lead(ReplicaId replica)
    {
        if (Executor == replica) return;
        Executor = replica;
        Epoch++;
    }

    /// <summary>The user wants its state kept otherwise.</summary>
    public void Keep(KeepingRequest asked) => Asked = Asked.With(asked);

    /// <summary>Takes in what its process says that the notebook has set for the cells that follow.</summary>
    /// <returns>Whether that is news. What no cell may ask for is not taken.</returns>
    public bool Set(CellDefault said)
    {
        if (said.Request == SetByNotebook || said.Request?.Fault is not null) return false;
        SetByNotebook = said.Request;
        return true;
    }

    /// <summary>It gives its processes back.</summary>
    public void Reclaim(Reclaimed reclaimed) => Reclaimed = reclaimed;

    /// <summary>It is used again.</summary>
    public void Wake() => Reclaimed = null;

    /// <summary>A cell is ordered: from here on there may be state.</summary>
    public void Ran() => HasState = true;

    /// <summary>The executor is gone; the state is with the other replicas.</summary>
    public void LoseExecutor() => Executor = null;

    /// <summary>The only process of a kernel that is not ours is gone: it begins again from nothing, as after a restart.</summary>
    public void LoseVariables(string session)
    {
        Restart(session);
        Losses++;
    }

    /// <summary>It is dead, since its process ends again and again.</summary>
    public void GiveUp(string reason) => (Executor, DeadReason) = (null, reason);

    /// <summary>The replicas that are there found the incarnation's group.</summary>
    public void Found() => Founders = [.. _replicas.Select(r => r.Id)];

    /// <summary>The user restarts the kernel: fresh processes everywhere, a new session, alive even if it was dead.</summary>
    public void Restart(string session)
    {
        (Executor, HasState, DeadReason, Session, SetByNotebook, Reclaimed) = (null, false, null, session, null, null);
        Incarnation++;
        for (var i = 0; i < _replicas.Count; i++)
        {
            _replicas[i] = _replicas[i] with { Phase = ReplicaPhase.Starting, ProcessId = 0, Reason = null, Incarnation = Incarnation };
        }

        Found();
    }

    /// <summary>Ends the kernel for good.</summary>
    public void End(string reason) => (Ended, Executor, DeadReason) = (true, null, reason);

    /// <summary>Dies when no replica can be started any more.</summary>
    /// <returns>Whether it died now.</returns>
    public bool DieIfHopeless()
    {
        if (DeadReason is not null || _replicas.Count == 0 || _replicas.Exists(r => r.Phase != ReplicaPhase.Stopped)) return false;
        DeadReason = $"no replica of it can be started: {_replicas[^1].Reason ?? "all of them stopped"}";
        Executor = null;
        return true;
    }
}
