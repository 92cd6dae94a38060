using Notebook.Raft;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Disks;

namespace Notebook.Bench.Replication;

/// <summary>Three hosts in this process, each with a store of its own on the same disk, and groups that each has a third of the leaders of.</summary>
internal sealed class ThreeHosts : IAsyncDisposable
{
    private static readonly Membership s_members = Membership.Of([new(1), new(2), new(3)]);

    private readonly LoopbackLinks _links = new();
    private readonly List<LogStore> _stores = [];
    private readonly List<RaftHost> _hosts = [];

    /// <summary>The leading members.</summary>
    public List<RaftGroup> Leaders { get; } = [];

    public static async Task<ThreeHosts> StartAsync(string folder, int groups)
    {
        var agents = new ThreeHosts();
        for (var server = 1; server <= 3; server++)
        {
            var disk = new FolderDisk(Path.Combine(folder, Name(server)));
            agents._stores.Add(LogStore.Open(disk, new StoreIdentity("bench", Name(server))));
            agents._hosts.Add(new RaftHost(agents._stores[^1], agents._links.Of(Name(server)), TimeProvider.System, new RaftHostOptions(), server));
        }
        for (var from = 1; from <= 3; from++)
            for (var to = 1; to <= 3; to++)
                if (from != to) agents._links.Connect(Name(from), Name(to), agents._hosts[to - 1]);
        for (var group = 1; group <= groups; group++) agents.Leaders.Add(await agents.OpenAsync(group));
        return agents;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        _links.Dispose();
        foreach (var store in _stores) store.Dispose();
    }

    private async Task<RaftGroup> OpenAsync(int number)
    {
        var id = new GroupId(new Guid(number, 0, 0, new byte[8]));
        var members = new List<RaftGroup>();
        for (var server = 1; server <= 3; server++)
        {
            var outcome = _hosts[server - 1].Open(id, new(server), member => Name(member.Value), new CountingMachine(), s_members);
            members.Add(outcome is OpenOutcome.Opened { Group: var group } ? group : throw new InvalidOperationException($"group {number}: {outcome}"));
        }
        var leader = members[number % 3];
        var led = await leader.LeadAsync(TimeSpan.FromSeconds(30));
        return led is LeadOutcome.Leading ? leader : throw new InvalidOperationException($"group {number}: {led}");
    }

    private static string Name(int server) => $"server-{server}";

    /// <summary>Costs nothing, so that the log is what is measured.</summary>
    private sealed class CountingMachine : IStateMachine
    {
        private long _applied;

        public void Apply(EntryId id, ReadOnlyMemory<byte> data) => _applied++;

        public ReadOnlyMemory<byte>? TakeSnapshot() => BitConverter.GetBytes(_applied);

        public void Restore(SnapshotInfo info, ReadOnlyMemory<byte> data) => _applied = BitConverter.ToInt64(data.Span);
    }
}
