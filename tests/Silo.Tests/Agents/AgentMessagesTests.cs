using Google.Protobuf;
using Notebook.Links.Protocol;
using Notebook.Silo.Agents;

namespace Notebook.Silo.Tests.Agents;

/// <summary>Nothing is lost or mixed up between wire and records; the phases of both count alike.</summary>
public sealed class AgentMessagesTests
{
    [Fact]
    public void A_registration_keeps_every_field()
    {
        var message = ScriptedAgent.Registration("agent-1", gpus: 1, bootId: "b");
        message.KernelSpecs[0].Resources.Add("logo-64x64.png", ByteString.CopyFrom(1, 2, 3));
        message.Replicas.Add(new Links.Protocol.ReplicaReport
        {
            Replica = "k/7",
            Incarnation = 3,
            Phase = Links.Protocol.ReplicaPhase.ReplicaLost,
            ProcessId = 9,
            Reason = "killed",
            UnconfirmedBytes = 5_000_000_000,
            Standby = Links.Protocol.StandbyMode.StandbyCold,
            Held = "a debugger is attached",
            Alone = true,
            Unreplicated = { "a: it is a socket", "b: so" },
            LastExecution = new Links.Protocol.ExecutionReport
            {
                MessageId = "m",
                Execution = 11,
                Epoch = 5,
                Phase = Links.Protocol.ExecutionPhase.ExecutionProcessLost,
                Reason = "so",
                CellDefault = new() { Request = new() { Gpus = 2, GpuMemoryGb = 16.5, MilliCpus = 4000, MemoryMb = 8192 } },
            },
        });
        var record = AgentMessages.ToRecord(Register.Parser.ParseFrom(message.ToByteArray()));
        Assert.Equal(("agent-1", "b", 42, "ws://127.0.0.1:9999/"), (record.Server.Value, record.BootId, record.ProcessId, record.DataAddress));
        Assert.Equal(new GpuInfo(0, "SIM-agent-1-0", "simulated", "Simulated GPU", 1024), record.Gpus.Single());
        Assert.Equal(new ServerLoad(0.25, 100, 1000, 2), record.Load with { Pool = null });
        Assert.Equal("AQID", record.KernelSpecs.Single().Resources["logo-64x64.png"]);
        Assert.Equal(
            new Contracts.ReplicaReport(new ReplicaId("k/7"), 3, Contracts.ReplicaPhase.Lost, 9, "killed",
                new Contracts.ExecutionReport("m", 11, 5, Contracts.ExecutionPhase.ProcessLost, "so")
                {
                    CellDefault = new Contracts.CellDefault(new Contracts.ResourceRequest(2, 16.5, 4000, 8192)),
                })
            {
                AtRisk = new StateAtRisk(5_000_000_000, ["a: it is a socket", "b: so"]),
                Standby = Contracts.StandbyMode.Cold,
                Held = "a debugger is attached",
                IsAlone = true,
            },
            record.Replicas.Single());
    }

    [Fact]
    public void That_nothing_was_said_of_what_cells_get_is_another_thing_than_that_nothing_is_set()
    {
        var report = new Links.Protocol.ReplicaReport { Replica = "k/7", LastExecution = new() { MessageId = "m" } };
        Assert.Null(AgentMessages.ToRecord(report).LastExecution!.CellDefault);
        report.LastExecution.CellDefault = new();
        Assert.Equal(new Contracts.CellDefault((Contracts.ResourceRequest?)null), AgentMessages.ToRecord(report).LastExecution!.CellDefault);
        Assert.Null(AgentFaults.Of(report));
        report.LastExecution.CellDefault.Request = new() { Gpus = -1 };
        Assert.Contains("negative", AgentFaults.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_agent_keeps_on_its_disk_arrives_too()
    {
        var register = new Register { Server = "s", Load = new Load { ObjectsBytes = 5, ObjectsFreeBytes = 6, StorageFaults = { "full" } } };
        register.Logs.Add(new Links.Protocol.HeldLog { Replica = "k/1", Incarnation = 3 });
        register.Replicas.Add(new Links.Protocol.ReplicaReport { Replica = "k/2", Damaged = true });
        var record = AgentMessages.ToRecord(register);
        Assert.Equal(new Contracts.HeldLog(new ReplicaId("k/1"), 3), Assert.Single(record.Logs));
        Assert.True(Assert.Single(record.Replicas).IsDamaged);
        Assert.Equal((5L, 6L, "full"), (record.Load.Storage!.ObjectsBytes, record.Load.Storage.ObjectsFreeBytes, Assert.Single(record.Load.Storage.Faults)));
        var drop = AgentMessages.ToMessage(new AgentCommand.DropLog(record.Logs[0])).Drop;
        Assert.Equal(("k/1", 3), (drop.Replica, drop.Incarnation));
    }

    [Fact]
    public void What_an_agent_measures_of_its_pools_arrives_and_the_size_that_they_are_to_have_leaves()
    {
        var load = new Load
        {
            Pool = new Links.Protocol.PoolLoad { Target = 3, Hits = 5, Misses = 1, StartUs = 80_500, HoldingUs = 400_000, ProcessMemoryMb = 21 },
        };
        Assert.Equal(
            new Contracts.PoolLoad(3, 5, 1, TimeSpan.FromMilliseconds(80.5), TimeSpan.FromSeconds(0.4), 21),
            AgentMessages.ToRecord(Load.Parser.ParseFrom(load.ToByteArray())).Pool);
        Assert.Null(AgentMessages.ToRecord(new Load()).Pool);

        Assert.Equal((true, 0), Sent(new AgentCommand.SetPool(0)));
        Assert.Equal((true, 7), Sent(new AgentCommand.SetPool(7)));
        Assert.False(Sent(new AgentCommand.SetPool(null)).HasSize);

        static (bool HasSize, int Size) Sent(AgentCommand.SetPool order)
        {
            var message = SiloToAgent.Parser.ParseFrom(AgentMessages.ToMessage(order).ToByteArray()).Pool;
            return (message.HasSize, message.Size);
        }
    }

    [Fact]
    public void An_order_to_run_keeps_every_field_with_and_without_gpus()
    {
        var lease = new GpuLease(new ServerId("s"), [2, 5], new KernelId("k"), 8, 77);
        var with = AgentMessages.ToMessage(new AgentCommand.RunCell(new ReplicaId("k/1"), new CellOrder("m", 8, 3, lease))).Run;
        Assert.Equal(("k/1", "m", 8L, 3L, 77L), (with.Replica, with.MessageId, with.Execution, with.Epoch, with.LeaseEpoch));
        Assert.Equal([2, 5], with.Devices);
        var without = AgentMessages.ToMessage(new AgentCommand.RunCell(new ReplicaId("k/1"), new CellOrder("m", 8, 3, null))).Run;
        Assert.Empty(without.Devices);
        Assert.Equal(0, without.LeaseEpoch);
    }

    [Fact]
    public void An_order_to_start_and_one_of_peers_say_where_all_replicas_are()
    {
        ImmutableArray<ReplicaPeer> peers =
            [new(new ReplicaId("k/1"), new ServerId("s"), "ws://s:1/") { Standing = Contracts.PeerStanding.Leaves }, new(new ReplicaId("k/2"), new ServerId("t"), "")];
        var definition = new KernelDefinition(
            new KernelId("k"), "python3", "u", ImmutableDictionary<string, string>.Empty.Add("A", "b"), "/home", null, 3)
        {
            FreshProcesses = true,
        };
        var assignment = new ReplicaAssignment(new ServerId("s"), definition, "session", 4)
        {
            Peers = peers,
            Founders = [new ReplicaId("k/1"), new ReplicaId("k/2")],
            Keeping = new Keeping(Contracts.Durability.All, Contracts.StandbyMode.Warm),
            IsReclaimed = true,
        };
        var start = AgentMessages.ToMessage(new AgentCommand.StartReplica(new ReplicaId("k/1"), assignment, HasLog: true)).Start;
        Assert.Equal(("k/1", "k", "python3", "u", "/home"), (start.Replica, start.Kernel, start.SpecName, start.User, start.WorkingDirectory));
        Assert.True(start.Reclaimed);
        Assert.True(start.Fresh);
        Assert.Equal(("session", 4, "b"), (start.Session, start.Incarnation, start.Environment["A"]));
        Assert.Equal([1, 2], start.Founders);
        Assert.True(start.HasLog);
        Assert.Equal((Links.Protocol.Durability.All, Links.Protocol.StandbyMode.StandbyWarm), (start.Durability, start.Standby));
        Assert.Equal([("k/1", "s", "ws://s:1/"), ("k/2", "t", "")], start.Peers.Select(p => (p.Replica, p.Server, p.Address)));
        Assert.Equal([Links.Protocol.PeerStanding.PeerLeaves, Links.Protocol.PeerStanding.PeerStays], start.Peers.Select(p => p.Standing));

        var set = AgentMessages.ToMessage(new AgentCommand.SetPeers(new ReplicaId("k/2"), peers)).Peers;
        Assert.Equal("k/2", set.Replica);
        Assert.Equal(start.Peers, set.Peers);
    }

    [Fact]
    public void The_phases_of_wire_and_records_are_the_same()
    {
        Assert.Equal(
            Enum.GetValues<Contracts.ReplicaPhase>().Select(p => ((int)p, $"Replica{p}")),
            Enum.GetValues<Links.Protocol.ReplicaPhase>().Select(p => ((int)p, p.ToString())));
        Assert.Equal(
            Enum.GetValues<Contracts.ExecutionPhase>().Select(p => ((int)p, $"Execution{p}")),
            Enum.GetValues<Links.Protocol.ExecutionPhase>().Select(p => ((int)p, p.ToString())));
        Assert.Equal(
            Enum.GetValues<Contracts.StandbyMode>().Select(m => ((int)m, $"Standby{m}")),
            Enum.GetValues<Links.Protocol.StandbyMode>().Select(m => ((int)m, m.ToString())));
        Assert.Equal(
            Enum.GetValues<Contracts.PeerStanding>().Select(s => ((int)s, $"Peer{s}")),
            Enum.GetValues<Links.Protocol.PeerStanding>().Select(s => ((int)s, s.ToString())));
        Assert.Equal(
            Enum.GetValues<Contracts.Durability>().Select(d => ((int)d, d.ToString())),
            Enum.GetValues<Links.Protocol.Durability>().Select(d => ((int)d, d.ToString())));
    }
}
