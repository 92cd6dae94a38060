using Notebook.Raft.Messages;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Snapshots;
using Notebook.Raft.Tests.Storage;
using Notebook.TestKit;

namespace Notebook.Raft.Tests.Runtime;

public sealed class BadInputTests
{
    private static readonly string s_peer = Agents.ServerOf(2);

    [Fact]
    public async Task Garbage_is_a_fault_with_a_name_and_harms_nobody()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        var host = agents.Host(1);
        Assert.IsType<PeerFault.Malformed>(host.Receive(s_peer, default));
        Assert.Equal(new PeerFault.OtherVersion(9), host.Receive(s_peer, new byte[] { 9 }));
        Assert.IsType<PeerFault.Malformed>(host.Receive(s_peer, new byte[] { 1, 2, 3 }));
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var frame = Frame(new HeartbeatAnswer(new(2), new(1), 2, 1), new VoteAnswer(new(2), new(1), 2, false, true));
            frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
            host.Receive(s_peer, frame.AsMemory(0, random.Next(frame.Length + 1)));
        }
        Assert.True(host.Counters.Faults > 100, $"{host.Counters}");
        await agents.LeadAsync(1);
        await agents.CommitAsync(1, "still well");
    }

    [Fact]
    public async Task A_peer_speaks_for_the_members_on_its_own_server_only()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        var fault = agents.Host(1).Receive(s_peer, Frame(new AppendAnswer(new(3), new(1), 2, true, 1, default)));
        Assert.Equal(new PeerFault.SpeaksForAnother(Agents.Group(1), new MemberId(3), Agents.ServerOf(3)), fault);
    }

    [Fact]
    public async Task Unknown_groups_are_counted_and_huge_snapshots_refused()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        var other = PeerFrame.Write([new(Agents.Group(99), new HeartbeatAnswer(new(2), new(1), 2, 1))]);
        Assert.Null(agents.Host(1).Receive(s_peer, other));
        Assert.Equal(1, agents.Host(1).Counters.UnknownGroups);
        var info = new SnapshotInfo(new(2, 10), Agents.Three.Write(), long.MaxValue);
        Assert.IsType<PeerFault.SnapshotTooLarge>(
            agents.Host(1).Receive(s_peer, Frame(new SnapshotRequest(new(2), new(1), 2, info, 0, new byte[1]))));
    }

    [Fact]
    public async Task A_full_disk_refuses_proposals_until_there_is_room()
    {
        await using var agents = new Agents(0);
        var disk = new SimulatedDisk(1);
        agents.Start(1, LogStore.Open(disk, new StoreIdentity("cluster", Agents.ServerOf(1))));
        var alone = agents.Open(1, founding: Membership.Of([new MemberId(1)]));
        await agents.LeadAsync(1);
        await agents.CommitAsync(1, "before");
        disk.Capacity = 0;
        var stuck = alone.ProposeAsync("during"u8.ToArray()).AsTask();
        await Waiting.Until(() => agents.Host(1).Writer.Full is not null, "the writer finds the disk full");
        Assert.IsType<CommitOutcome.DiskFull>(await alone.ProposeAsync("refused"u8.ToArray()).AsTask().Within("the refusal"));
        disk.Capacity = long.MaxValue;
        agents.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.IsType<CommitOutcome.Committed>(await stuck.Within("the commit"));
        await agents.CommitAsync(1, "after");
        Assert.Equal(["before", "during", "after"], agents.Lines(1));
    }

    [Fact]
    public async Task A_snapshot_that_decayed_damages_its_group_and_no_other()
    {
        var disk = new SimulatedDisk(1);
        await using var agents = new Agents(0, new RaftHostOptions { SnapshotEntries = 5, KeepEntries = 0 });
        LogStore Store() => LogStore.Open(disk, new StoreIdentity("cluster", Agents.ServerOf(1)));
        agents.Start(1, Store());
        var founding = Membership.Of([new MemberId(1)]);
        for (var group = 1; group <= 2; group++)
        {
            agents.Open(1, group, founding);
            await agents.LeadAsync(1, group);
        }

        for (var i = 0; i < 10; i++) await agents.CommitAsync(1, $"line {i}");
        await agents.CommitAsync(1, "of another group", 2);
        await agents.Until(() => agents.Member(1).DurableSnapshot > 0, "the snapshot is on disk");
        await agents.StopAsync(1);
        var snapshot = Assert.Single(disk.List(), name => SnapshotFile.NumberOf(name) is not null);
        disk.Flip(snapshot, disk.LengthOf(snapshot) / 2);

        agents.Start(1, Store());
        var damaged = Assert.IsType<OpenOutcome.Damaged>(agents.Host(1).Open(Agents.Group(1), new(1), _ => null, new ListStateMachine()));
        Assert.Contains("checksum mismatch", damaged.Damage.Found, StringComparison.Ordinal);
        Assert.Null(agents.Host(1).Find(Agents.Group(1)));
        agents.Open(1, 2, founding);
        await agents.LeadAsync(1, 2);
        await agents.CommitAsync(1, "goes on", 2);
        Assert.Equal(["of another group", "goes on"], agents.Lines(1, 2));
        Assert.IsType<SubmitOutcome.Accepted>(await agents.Host(1).RemoveAsync(Agents.Group(1)));
        Assert.IsType<OpenOutcome.Opened>(agents.Host(1).Open(Agents.Group(1), new(4), _ => null, new ListStateMachine()));
    }

    [Fact]
    public async Task The_end_of_the_log_writer_ends_the_host()
    {
        var disk = new SimulatedDisk(1);
        await using var agents = new Agents(0);
        agents.Start(1, LogStore.Open(disk, new StoreIdentity("cluster", Agents.ServerOf(1))));
        var alone = agents.Open(1, founding: Membership.Of([new MemberId(1)]));
        await agents.LeadAsync(1);
        disk.CrashAt = disk.Operations + 1;
        var lost = alone.ProposeAsync("a"u8.ToArray()).AsTask();
        await Assert.ThrowsAsync<SimulatedCrashException>(() => agents.Host(1).Completion.Within("the host's end"));
        Assert.IsType<CommitOutcome.Lost>(await lost.Within("the proposal's end"));
        Assert.IsType<CommitOutcome.Ended>(await alone.ProposeAsync("b"u8.ToArray()));
        Assert.IsType<OpenOutcome.Ended>(agents.Host(1).Open(Agents.Group(2), new(1), _ => null, new ListStateMachine()));
    }

    private static byte[] Frame(params RaftMessage[] messages) =>
        PeerFrame.Write(messages.Select(message => new GroupMessage(Agents.Group(1), message)).ToArray());
}
