using System.Collections.Immutable;
using Notebook.Contracts.Agents;
using Notebook.Contracts;

namespace Notebook.Simulator.Model;

/// <summary>
/// A GPU server with its agent, as the silo sees them: it takes the orders that real agents take, and says what they say, after
/// the times that the model gives. Orders and reports are in order, and are lost with the connection.
/// </summary>
internal sealed class SimulatedServer
{
    private readonly SimulatedCluster _cluster;
    private readonly Dictionary<ReplicaId, SimulatedReplica> _replicas = [];
    private readonly Dictionary<long, DateTimeOffset> _leases = [];          // epochs that were heard of, and when that was
    private readonly ReplicaId?[] _residents;                                // whose state lies on each GPU
    private DateTimeOffset _orderAt;                                         // when the last order that was sent arrives
    private DateTimeOffset _reportAt;
    private int _warm;
    private int _making;
    private int _poolTarget;
    private long _hits;
    private long _misses;
    private bool _tellsLoad;
    private int _boot;
    private int _connection;

    public SimulatedServer(SimulatedCluster cluster, ServerId id)
    {
        (_cluster, Id) = (cluster, id);
        _residents = new ReplicaId?[cluster.Model.GpusPerServer];
    }

    public ServerId Id { get; }

    /// <summary>Whether its machine runs.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether its agent's connection to the silo stands.</summary>
    public bool IsConnected { get; private set; }

    public string BootId => $"boot-{_boot}";

    private ServerModel Model => _cluster.Model;

    /// <summary>The machine, or its agent, starts: no process is there, and the disk is as it was.</summary>
    public void Boot()
    {
        if (IsUp) return;
        (IsUp, _boot) = (true, _boot + 1);
        (_warm, _making, _hits, _misses, _poolTarget) = (0, 0, 0, 0, Model.Pool);
        _replicas.Clear();
        _leases.Clear();
        Array.Clear(_residents);
        Refill();
        Connect();
    }

    /// <summary>The machine, or its agent, ends in the middle of whatever it does.</summary>
    public void Crash(string reason)
    {
        if (!IsUp) return;
        IsUp = false;
        foreach (var replica in _replicas.Values) CutOff(replica);
        _replicas.Clear();
        Disconnect(reason);
    }

    /// <summary>The agent dials the silo and says what it has.</summary>
    public void Connect()
    {
        if (!IsUp || IsConnected) return;
        IsConnected = true;
        var connection = ++_connection;
        _orderAt = _reportAt = default;
        Later(Model.Link, () =>
        {
            if (connection == _connection && IsConnected) _cluster.Tell(Id, grain => grain.Connected(Registration()), () => DialAgain(connection));
        });
    }

    /// <summary>The connection breaks; the agent dials again by itself when <paramref name="redial"/> says when.</summary>
    public void Disconnect(string reason, TimeSpan? redial = null)
    {
        if (IsConnected)
        {
            IsConnected = false;
            _connection++;
            var boot = BootId;
            _cluster.Tell(Id, grain => grain.Disconnected(boot, reason), () => { });
        }

        if (redial is { } after) _cluster.Later(after, Connect);
    }

    /// <summary>The silo is gone: the agent notices, and dials until there is one again.</summary>
    public void LoseSilo()
    {
        IsConnected = false;
        _connection++;
    }

    /// <summary>An order leaves the silo.</summary>
    /// <returns>Whether there is a connection that it could leave by.</returns>
    public bool Send(AgentCommand command)
    {
        if (!IsConnected) return false;
        var connection = _connection;
        _orderAt = Later(Model.Link, _orderAt, () =>
        {
            if (IsUp && connection == _connection) Take(command);
        });
        return true;
    }

    /// <summary>Whether a replica is here and its agent runs: then its log can be written.</summary>
    public bool Has(ReplicaId replica) => IsUp && _replicas.ContainsKey(replica);

    private void Take(AgentCommand command)
    {
        switch (command)
        {
            case AgentCommand.StartReplica start:
                Start(start);
                break;
            case AgentCommand.StopReplica stop:
                Stop(stop.Replica);
                break;
            case AgentCommand.SetPeers set when _replicas.TryGetValue(set.Replica, out var replica):
                TakeOver(replica, set.Peers);
                break;
            case AgentCommand.RunCell run:
                Run(run.Replica, run.Order);
                break;
            case AgentCommand.RecallCell recall when _replicas.TryGetValue(recall.Replica, out var replica):
                Recall(replica, recall.Recall);
                break;
            case AgentCommand.RenewLeases renew:
                foreach (var epoch in renew.Epochs) _leases[epoch] = _cluster.Now;
                break;
            case AgentCommand.SetPool pool:
                _poolTarget = pool.Size ?? Model.Pool;
                Refill();
                break;
            default:
                break;   // of a replica that is not here, or without effect on what is modelled
        }
    }

    private void Start(AgentCommand.StartReplica start)
    {
        if (_replicas.TryGetValue(start.Replica, out var replica) && replica.Assignment.Incarnation == start.Assignment.Incarnation
            && replica.Phase is ReplicaPhase.Ready or ReplicaPhase.Starting)
        {
            replica.Assignment = start.Assignment;
            if (replica.Phase == ReplicaPhase.Ready) Rest(replica);
            TakeOver(replica, start.Assignment.Peers);
            return;
        }

        if (replica is not null) Stop(start.Replica);
        replica = new SimulatedReplica(start.Replica, start.Assignment);
        _replicas[start.Replica] = replica;
        _cluster.NoteHome(start.Replica, this);
        var log = _cluster.Log(start.Replica.Kernel);
        var isOnly = start.Assignment.Peers.Length > 1 && start.Assignment.Peers.Any(p => p.Replica == start.Replica && p.Standing == PeerStanding.Joins);
        if (!isOnly) log.Join(start.Replica);
        var isNew = !start.HasLog && !start.Assignment.Founders.Contains(start.Replica);
        var copy = isNew ? TimeSpan.FromSeconds(log.StateBytes / Model.NetworkRate) : TimeSpan.Zero;
        replica.CompleteAt = _cluster.Now + copy;
        replica.Standby = Wanted(replica);
        var after = replica.Standby == StandbyMode.Cold ? TimeSpan.Zero : TakeProcess();
        if (isOnly && copy > after) after = copy;   // it learns everything before it may take over
        Under(replica, after, () =>
        {
            replica.Phase = ReplicaPhase.Ready;
            replica.ProcessId = replica.Standby == StandbyMode.Cold ? 0 : _cluster.NextProcess();
            Report(replica);
            TakeOver(replica, replica.Assignment.Peers);
        });
    }

    private void Stop(ReplicaId id)
    {
        if (!_replicas.Remove(id, out var replica)) return;
        CutOff(replica);
        _cluster.Log(id.Kernel).Leave(id);
        for (var gpu = 0; gpu < _residents.Length; gpu++)
        {
            if (_residents[gpu] == id) _residents[gpu] = null;
        }
    }

    /// <summary>The order of a replica is repeated: its process ends when its kernel is reclaimed, and comes up when that is over.</summary>
    private void Rest(SimulatedReplica replica)
    {
        var wanted = Wanted(replica);
        if (wanted == replica.Standby || replica.IsRunning) return;
        if (wanted == StandbyMode.Cold)
        {
            (replica.Standby, replica.ProcessId) = (wanted, 0);
            Report(replica);
        }
        else if (replica.Standby == StandbyMode.Cold)
        {
            Under(replica, TakeProcess(), () =>
            {
                (replica.Standby, replica.ProcessId) = (wanted, _cluster.NextProcess());
                Report(replica);
            });
        }
        else
        {
            replica.Standby = wanted;
            Report(replica);
        }
    }

    private StandbyMode Wanted(SimulatedReplica replica)
    {
        var assignment = replica.Assignment;
        if (assignment.IsReclaimed || assignment.Definition.FreshProcesses) return StandbyMode.Cold;
        return _cluster.Log(replica.Id.Kernel).Leader == replica.Id ? StandbyMode.Hot : assignment.Keeping.Standby;
    }

    /// <summary>A replica of a kernel's only one that is to go takes the lead when it has everything.</summary>
    private void TakeOver(SimulatedReplica replica, ImmutableArray<ReplicaPeer> peers)
    {
        replica.Assignment = replica.Assignment with { Peers = peers };
        var log = _cluster.Log(replica.Id.Kernel);
        if (replica.Phase != ReplicaPhase.Ready || replica.IsAlone || !peers.Any(p => p.Standing == PeerStanding.Leaves && p.Replica != replica.Id)) return;
        Under(replica, TimeSpan.FromSeconds(2 * Model.Commit.Draw(_cluster.Random)), () =>
        {
            foreach (var peer in peers.Where(p => p.Standing == PeerStanding.Leaves)) log.Leave(peer.Replica);
            log.Join(replica.Id);
            replica.IsAlone = true;
            Report(replica);
        });
    }

    private void Run(ReplicaId id, CellOrder order)
    {
        if (!_replicas.TryGetValue(id, out var replica)) return;
        if (replica.Last is { } last && last.MessageId == order.MessageId
            && !(last.Phase == ExecutionPhase.NotNow && last.Epoch < order.Epoch))
        {
            Report(replica);   // it runs, or has ended: it is never run again
            return;
        }

        var log = _cluster.Log(id.Kernel);
        if (replica.IsRunning || (replica.Last is { } before && before.Epoch > order.Epoch))
        {
            _cluster.Report(this, replica.Report(log.StateBytes) with
            {
                LastExecution = new ExecutionReport(order.MessageId, order.Execution, order.Epoch, ExecutionPhase.Refused, "its order is older than what the replica has seen"),
            });
            return;
        }

        if (replica.Phase != ReplicaPhase.Ready)
        {
            replica.Last = new ExecutionReport(order.MessageId, order.Execution, order.Epoch, ExecutionPhase.NotNow, "its process is not up");
            Report(replica);
            return;
        }

        replica.Last = new ExecutionReport(order.MessageId, order.Execution, order.Epoch, ExecutionPhase.Running, null);
        if (order.Lease is { } lease) _leases[lease.Epoch] = _cluster.Now;
        var isOther = log.Leader != id || log.Epoch != order.Epoch;
        Under(replica, TimeSpan.FromSeconds(isOther ? Model.Commit.Draw(_cluster.Random) : 0), () =>
        {
            if (!log.HasMajority(_cluster.IsThere) || !Lead(replica, log, order.Epoch))
            {
                replica.Last = replica.Last! with { Phase = ExecutionPhase.NotNow, Reason = "it could not lead the kernel" };
                Report(replica);
                return;
            }

            Under(replica, TimeToBegin(replica, order, isOther, log), () => RunCode(replica, order, log));
        });
    }

    /// <summary>From the commit of its lead to its code: process, state, GPUs.</summary>
    private TimeSpan TimeToBegin(SimulatedReplica replica, CellOrder order, bool isOther, KernelLog log)
    {
        var now = _cluster.Now;
        var time = TimeSpan.FromSeconds(Model.Begin.Draw(_cluster.Random));
        if (replica.ProcessId == 0)
        {
            time += TakeProcess() + TimeSpan.FromSeconds(log.StateBytes / Model.NetworkRate);   // from disk or storage into the new process
            replica.ProcessId = _cluster.NextProcess();
        }

        if (replica.CompleteAt > now + time) time = replica.CompleteAt - now;
        if (isOther && log.EverywhereAt > now + time) time = log.EverywhereAt - now;
        if (order.Lease is { } lease)
        {
            var isResident = lease.Devices.All(gpu => _residents[gpu] == replica.Id);
            if (!isResident && log.StateBytes > 0) time += TimeSpan.FromSeconds(log.GpuBytes / Model.GpuRate);
            foreach (var gpu in lease.Devices) _residents[gpu] = replica.Id;
        }

        return time;
    }

    private void RunCode(SimulatedReplica replica, CellOrder order, KernelLog log)
    {
        var kernel = replica.Id.Kernel;
        replica.Standby = StandbyMode.Hot;
        _cluster.Clients.Started(kernel, order.MessageId, replica.Id, Id);
        if (order.Lease is { } lease) Enforce(replica, lease, order.MessageId);
        Under(replica, _cluster.Clients.DurationOf(kernel, order.MessageId), () =>
        {
            _cluster.Clients.CodeEnded(kernel, order.MessageId);
            var isFresh = replica.Assignment.Definition.FreshProcesses;
            var save = TimeSpan.FromSeconds(isFresh ? log.StateBytes / Model.NetworkRate : 0);
            Under(replica, save + TimeSpan.FromSeconds(Model.Commit.Draw(_cluster.Random)), () => Commit(replica, order, log, isFresh));
        });
    }

    /// <summary>A cell whose lease nobody has renewed for its term ends, with its process.</summary>
    private void Enforce(SimulatedReplica replica, GpuLease lease, string messageId)
    {
        var left = _leases.GetValueOrDefault(lease.Epoch) + GpuLease.Term - _cluster.Now;
        Under(replica, left, () =>
        {
            if (!replica.IsRunning || replica.Last!.MessageId != messageId) return;
            if (_cluster.Now - _leases.GetValueOrDefault(lease.Epoch) < GpuLease.Term)
            {
                Enforce(replica, lease, messageId);
                return;
            }

            _cluster.LapsedLeases++;
            Lose(replica, "nobody renewed its lease");
        });
    }

    private void Commit(SimulatedReplica replica, CellOrder order, KernelLog log, bool isFresh)
    {
        if (!log.HasMajority(_cluster.IsThere))
        {
            Under(replica, TimeSpan.FromSeconds(0.5), () => Commit(replica, order, log, isFresh));
            return;
        }

        if (!log.Commit(order.MessageId, order.Epoch, ExecutionPhase.Succeeded)) return;   // another leads, and this one hears of it

        log.EverywhereAt = _cluster.Now + TimeSpan.FromSeconds(log.StateBytes * Model.ChangedShare / Model.NetworkRate);
        replica.Last = replica.Last! with { Phase = ExecutionPhase.Succeeded };
        if (isFresh) (replica.ProcessId, replica.Standby) = (0, StandbyMode.Cold);
        _cluster.Later(Seconds(Model.Link), () => _cluster.Clients.Replied(replica.Id.Kernel, order.MessageId));
        Report(replica);
        if (!isFresh) Rest(replica);
    }

    /// <summary>Leads from now on. Who led before hears of it from the log: what it runs is not the kernel's any more.</summary>
    private bool Lead(SimulatedReplica replica, KernelLog log, long epoch)
    {
        var before = log.Leader;
        if (!log.Lead(replica.Id, epoch)) return false;
        if (before is { } other && other != replica.Id) Later(Model.Link, () => _cluster.Home(other)?.Outvoted(other));
        return true;
    }

    /// <summary>Another replica leads its kernel: a cell that it runs ends, with its process.</summary>
    private void Outvoted(ReplicaId id)
    {
        if (IsUp && _replicas.TryGetValue(id, out var replica) && replica.IsRunning) Lose(replica, "another replica leads the kernel");
    }

    private void Lose(SimulatedReplica replica, string reason)
    {
        CutOff(replica);
        (replica.Phase, replica.ProcessId, replica.Reason) = (ReplicaPhase.Lost, 0, reason);
        Report(replica);
    }

    private void Recall(SimulatedReplica replica, CellRecall recall)
    {
        var log = _cluster.Log(replica.Id.Kernel);
        if (replica.IsRunning && replica.Last!.Epoch < recall.Epoch) Lose(replica, "the silo has given up the cell that ran here");
        Under(replica, Seconds(Model.Commit), () =>
        {
            if (!log.HasMajority(_cluster.IsThere) || !Lead(replica, log, recall.Epoch)) return;   // it is asked again
            var phase = log.Committed(recall.MessageId);
            var found = new ExecutionReport(recall.MessageId, recall.Execution, recall.Epoch, phase ?? ExecutionPhase.NotCommitted, phase is null ? "the log has nothing of it" : null);
            if (replica.Last is null || replica.Last.Execution <= found.Execution) replica.Last = found;   // else it has gone on since
            if (phase is not null) _cluster.Later(Seconds(Model.Link), () => _cluster.Clients.Replied(replica.Id.Kernel, recall.MessageId));
            Report(replica, found);
        });
    }

    /// <summary>What a replica had under way comes to nothing.</summary>
    private void CutOff(SimulatedReplica replica)
    {
        replica.Life++;
        if (!replica.IsRunning) return;
        _cluster.Clients.CutOff(replica.Id.Kernel, replica.Last!.MessageId);
        replica.Last = replica.Last with { Phase = ExecutionPhase.ProcessLost, Reason = "its process ended" };
    }

    /// <summary>The process of one of its replicas dies.</summary>
    public void KillOne(Random random)
    {
        var alive = _replicas.Values.Where(r => r is { Phase: ReplicaPhase.Ready, ProcessId: > 0 }).ToArray();
        if (!IsUp || alive.Length == 0) return;
        Lose(alive[random.Next(alive.Length)], "its process was killed");
    }

    /// <summary>A process from the pool, or one that has to be made.</summary>
    private TimeSpan TakeProcess()
    {
        var isWarm = _warm > 0;
        if (isWarm) _warm--;
        _hits += isWarm ? 1 : 0;
        _misses += isWarm ? 0 : 1;
        _cluster.NoteStart(isWarm);
        Refill();
        TellLoad();
        return Seconds(isWarm ? Model.WarmStart : Model.ColdStart);
    }

    private void Refill()
    {
        while (_warm + _making < _poolTarget)
        {
            _making++;
            var boot = _boot;
            Later(Model.ColdStart, () =>
            {
                if (boot != _boot) return;
                _making--;
                if (_warm < _poolTarget) _warm++;
                TellLoad();
            });
        }
    }

    /// <summary>The pool has changed: the silo hears of it within ten seconds, with whatever else changes until then.</summary>
    private void TellLoad()
    {
        if (_tellsLoad) return;
        _tellsLoad = true;
        var boot = _boot;
        _cluster.Later(TimeSpan.FromSeconds(10), () =>
        {
            _tellsLoad = false;
            if (boot == _boot && IsConnected) _cluster.Heartbeat(Id, Load);
        });
    }

    private ServerLoad Load => new(0, 0, Model.MemoryMb, _warm)
    {
        Pool = new PoolLoad(_poolTarget, _hits, _misses, TimeSpan.FromSeconds(Model.ColdStart.Median), TimeSpan.FromSeconds(Model.ColdStart.Median), 100),
    };

    private ServerRegistration Registration() => new(
        Id, BootId, 1, $"ws://{Id}/",
        [.. Enumerable.Range(0, Model.GpusPerServer).Select(i => new GpuInfo(i, $"GPU-{Id}-{i}", "simulated", "Simulated", Model.GpuMemoryMb))],
        [SimulatedCluster.Spec],
        Load,
        [.. _replicas.Values.Where(r => r.Phase != ReplicaPhase.Starting).Select(r => r.Report(_cluster.Log(r.Id.Kernel).StateBytes))])
    {
        MilliCpus = Model.MilliCpus,
    };

    private void Report(SimulatedReplica replica, ExecutionReport? execution = null)
    {
        if (!IsConnected) return;   // the next registration says it
        var report = replica.Report(_cluster.Log(replica.Id.Kernel).StateBytes);
        if (execution is not null) report = report with { LastExecution = execution };
        var connection = _connection;
        _reportAt = Later(Model.Link, _reportAt, () =>
        {
            if (connection == _connection) _cluster.Report(this, report);
        });
    }

    private void DialAgain(int connection)
    {
        if (connection != _connection) return;
        IsConnected = false;
        _cluster.Later(TimeSpan.FromSeconds(1), Connect);
    }

    /// <summary>Something that a replica has under way; it comes to nothing when the replica is stopped or cut off meanwhile.</summary>
    private void Under(SimulatedReplica replica, TimeSpan after, Action then)
    {
        var (life, boot) = (replica.Life, _boot);
        _cluster.Later(after, () =>
        {
            if (boot == _boot && IsUp && life == replica.Life && _replicas.GetValueOrDefault(replica.Id) == replica) then();
        });
    }

    private TimeSpan Seconds(LogNormal time) => TimeSpan.FromSeconds(time.Draw(_cluster.Random));

    private void Later(LogNormal time, Action then) => _cluster.Later(Seconds(time), then);

    /// <summary>As long as a link takes, and never before what left earlier.</summary>
    private DateTimeOffset Later(LogNormal time, DateTimeOffset notBefore, Action then)
    {
        var at = _cluster.Now + Seconds(time);
        if (at < notBefore) at = notBefore;
        _cluster.Later(at - _cluster.Now, then);
        return at;
    }
}
