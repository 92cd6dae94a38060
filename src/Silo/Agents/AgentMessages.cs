using System.Collections.Immutable;
using Notebook.Contracts;
using Notebook.Contracts.Agents;
using Notebook.Links.Protocol;
using ExecutionPhase = Notebook.Contracts.ExecutionPhase;
using ExecutionReport = Notebook.Contracts.ExecutionReport;
using ReplicaPhase = Notebook.Contracts.ReplicaPhase;
using ReplicaReport = Notebook.Contracts.ReplicaReport;
using Wire = Notebook.Links.Protocol;

namespace Notebook.Silo.Agents;

/// <summary>Between the messages on the wire and the records of the grains. What an agent says was checked before (<see cref="AgentFaults"/>).</summary>
internal static class AgentMessages
{
    /// <summary>An order for the wire.</summary>
    public static SiloToAgent ToMessage(AgentCommand command) => command switch
    {
        AgentCommand.StartReplica start => new SiloToAgent { Start = ToMessage(start) },
        AgentCommand.SetPeers set => new SiloToAgent { Peers = ToMessage(set) },
        AgentCommand.StopReplica stop => new SiloToAgent { Stop = new StopReplica { Replica = stop.Replica.Value } },
        AgentCommand.DropLog drop => new SiloToAgent
        {
            Drop = new DropLog { Replica = drop.Held.Replica.Value, Incarnation = drop.Held.Incarnation },
        },
        AgentCommand.RunCell run => new SiloToAgent { Run = ToMessage(run) },
        AgentCommand.RenewLeases renew => new SiloToAgent { Renew = new RenewLeases { Epochs = { renew.Epochs } } },
        AgentCommand.RecallCell { Recall: var recall } asked => new SiloToAgent
        {
            Recall = new RecallCell
            {
                Replica = asked.Replica.Value,
                MessageId = recall.MessageId,
                Execution = recall.Execution,
                Epoch = recall.Epoch,
                LostServer = recall.Lost.Value,
            },
        },
        AgentCommand.InterruptReplica interrupt => new SiloToAgent { Interrupt = new InterruptReplica { Replica = interrupt.Replica.Value } },
        AgentCommand.SetPool { Size: { } size } => new SiloToAgent { Pool = new SetPool { Size = size } },
        AgentCommand.SetPool => new SiloToAgent { Pool = new SetPool() },
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "an unknown order"),
    };

    /// <summary>What an agent says of itself.</summary>
    public static ServerRegistration ToRecord(Register register) => new(
        new ServerId(register.Server),
        register.BootId,
        register.ProcessId,
        register.DataAddress,
        [.. register.Gpus.Select(g => new GpuInfo(g.Index, g.Uuid, g.Kind, g.Name, g.MemoryMb))],
        [.. register.KernelSpecs.Select(ToRecord)],
        ToRecord(register.Load ?? new Load()),
        [.. register.Replicas.Select(ToRecord)])
    {
        Logs = [.. register.Logs.Select(held => new Contracts.HeldLog(new ReplicaId(held.Replica), held.Incarnation))],
        MilliCpus = register.MilliCpus,
    };

    /// <summary>How busy a server is.</summary>
    public static ServerLoad ToRecord(Load load) => new(load.CpuShare, load.MemoryUsedMb, load.MemoryTotalMb, load.WarmProcesses)
    {
        Storage = load is { ObjectsBytes: 0, ObjectsFreeBytes: 0, StorageFaults.Count: 0 }
            ? null
            : new(load.ObjectsBytes, load.ObjectsFreeBytes, [.. load.StorageFaults]),
        Pool = load.Pool is { } pool ? ToRecord(pool) : null,
    };

    private static Contracts.PoolLoad ToRecord(Wire.PoolLoad pool) => new(
        pool.Target,
        pool.Hits,
        pool.Misses,
        TimeSpan.FromMicroseconds(pool.StartUs),
        TimeSpan.FromMicroseconds(pool.HoldingUs),
        pool.ProcessMemoryMb);

    /// <summary>An agent's word on a replica.</summary>
    public static ReplicaReport ToRecord(Wire.ReplicaReport report) => new(
        new ReplicaId(report.Replica),
        report.Incarnation,
        (ReplicaPhase)report.Phase,
        report.ProcessId,
        NullIfEmpty(report.Reason),
        report.LastExecution is { } last ? ToRecord(last) : null)
    {
        AtRisk = report.UnconfirmedBytes == 0 && report.Unreplicated.Count == 0 ? null : new(report.UnconfirmedBytes, [.. report.Unreplicated]),
        Standby = (Contracts.StandbyMode)report.Standby,
        IsDamaged = report.Damaged,
        StateBytes = report.StateBytes,
        Held = NullIfEmpty(report.Held),
        IsAlone = report.Alone,
    };

    private static ExecutionReport ToRecord(Wire.ExecutionReport report) => new(
        report.MessageId, report.Execution, report.Epoch, (ExecutionPhase)report.Phase, NullIfEmpty(report.Reason))
    {
        CellDefault = report.CellDefault is { } set ? new(ToRecord(set.Request)) : null,
    };

    /// <summary>What a cell asks for; null for nothing.</summary>
    public static ResourceRequest? ToRecord(Wire.Resources? request) =>
        request is null ? null : new(request.Gpus, request.GpuMemoryGb, request.MilliCpus, request.MemoryMb);

    private static KernelSpecInfo ToRecord(KernelSpec spec) => new(
        spec.Name,
        spec.DisplayName,
        spec.Language,
        spec.Resources.ToImmutableDictionary(r => r.Key, r => r.Value.ToBase64()))
    {
        IsForeign = spec.Foreign,
        Metadata = spec.Metadata.Length == 0 ? "{}" : spec.Metadata,
    };

    private static StartReplica ToMessage(AgentCommand.StartReplica start)
    {
        var (definition, assignment) = (start.Assignment.Definition, start.Assignment);
        var message = new StartReplica
        {
            Replica = start.Replica.Value,
            Kernel = definition.Kernel.Value,
            SpecName = definition.SpecName,
            User = definition.User,
            WorkingDirectory = definition.WorkingDirectory ?? "",
            Session = assignment.Session,
            Incarnation = assignment.Incarnation,
        };
        message.Environment.Add(definition.Environment);
        message.Peers.Add(assignment.Peers.Select(ToMessage));
        message.Founders.Add(assignment.Founders.Select(founder => founder.Number));
        message.HasLog = start.HasLog;
        message.Fresh = definition.FreshProcesses;
        (message.Durability, message.Standby) = ((Wire.Durability)assignment.Keeping.Durability, (Wire.StandbyMode)assignment.Keeping.Standby);
        message.Reclaimed = assignment.IsReclaimed;
        return message;
    }

    private static SetPeers ToMessage(AgentCommand.SetPeers set)
    {
        var message = new SetPeers { Replica = set.Replica.Value };
        message.Peers.Add(set.Peers.Select(ToMessage));
        return message;
    }

    private static Peer ToMessage(ReplicaPeer peer) =>
        new() { Replica = peer.Replica.Value, Server = peer.Server.Value, Address = peer.Address, Standing = (Wire.PeerStanding)peer.Standing };

    private static RunCell ToMessage(AgentCommand.RunCell run)
    {
        var message = new RunCell
        {
            Replica = run.Replica.Value,
            MessageId = run.Order.MessageId,
            Execution = run.Order.Execution,
            Epoch = run.Order.Epoch,
            LeaseEpoch = run.Order.Lease?.Epoch ?? 0,
        };
        if (run.Order.Lease is { } lease)
        {
            message.Devices.Add(lease.Devices);
            message.LeaseTermMs = (long)GpuLease.Term.TotalMilliseconds;
        }

        return message;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
