using System.Collections.Concurrent;
using System.Text;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Disks;
using Notebook.TestKit;

namespace Notebook.Raft.Tests.Runtime;

/// <summary>Several agents' Raft hosts on real stores and one clock. Member n of each group lives on server n.</summary>
internal sealed class Agents : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raft-runtime-");
    private readonly ConcurrentDictionary<int, (RaftHost Host, LogStore Store)> _hosts = new();
    private readonly ConcurrentDictionary<(int Server, GroupId Group), ListStateMachine> _machines = new();
    private readonly RaftHostOptions _options;

    public Agents(int count = 3, RaftHostOptions? options = null)
    {
        _options = options ?? new RaftHostOptions();
        for (var server = 1; server <= count; server++) Start(server);
    }

    public MemoryLinks Links { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public static Membership Three { get; } = Membership.Of([new(1), new(2), new(3)]);

    public static GroupId Group(int number) => new(new Guid(number, 7, 7, new byte[8]));

    public static string ServerOf(int server) => $"server-{server}";

    public RaftHost Host(int server) => _hosts[server].Host;

    public RaftGroup Member(int server, int group = 1) => Host(server).Find(Group(group))!;

    public IReadOnlyList<string> Lines(int server, int group = 1) => _machines[(server, Group(group))].Lines;

    public ListStateMachine Machine(int server, int group = 1) => _machines[(server, Group(group))];

    public void Start(int server, Func<IDisk, IDisk>? wrap = null)
    {
        IDisk disk = new FolderDisk(_folder.CreateSubdirectory(ServerOf(server)).FullName);
        Start(server, LogStore.Open(wrap?.Invoke(disk) ?? disk, new StoreIdentity("cluster", ServerOf(server))));
    }

    public void Start(int server, LogStore store)
    {
        var host = new RaftHost(store, Links.Of(ServerOf(server)), Time, _options, seed: server);
        _hosts[server] = (host, store);
        Links.Connect(ServerOf(server), host);
    }

    /// <summary>Ends an agent. The others hear of it only where the test says so.</summary>
    public async Task StopAsync(int server)
    {
        Links.Cut(ServerOf(server));
        _hosts.TryRemove(server, out var gone);
        await gone.Host.DisposeAsync();
        gone.Store.Dispose();
    }

    public RaftGroup Open(int server, int group = 1, Membership? founding = null)
    {
        var machine = _machines[(server, Group(group))] = new ListStateMachine();
        var outcome = Host(server).Open(Group(group), new MemberId(server), member => ServerOf(member.Value), machine, founding);
        return Assert.IsType<OpenOutcome.Opened>(outcome).Group;
    }

    /// <summary>Opens a group at servers 1, 2 and 3; member 1 leads.</summary>
    public async Task<RaftGroup> OpenThreeAsync(int group = 1)
    {
        for (var server = 3; server >= 1; server--) Open(server, group, Three);
        await LeadAsync(1, group);
        return Member(1, group);
    }

    public async Task LeadAsync(int server, int group = 1)
    {
        var outcome = await Run(Member(server, group).LeadAsync(TimeSpan.FromSeconds(10)), $"server {server} leads");
        Assert.IsType<LeadOutcome.Leading>(outcome);
    }

    public async Task<CommitOutcome> ProposeAsync(int server, string line, int group = 1) =>
        await Run(Member(server, group).ProposeAsync(Encoding.UTF8.GetBytes(line)), $"the commit of {line}");

    public async Task CommitAsync(int server, string line, int group = 1) =>
        Assert.IsType<CommitOutcome.Committed>(await ProposeAsync(server, line, group));

    /// <summary>Lets time go on, a tick whenever nothing else is under way, until something has come to its end.</summary>
    public async Task<T> Run<T>(ValueTask<T> what, string name)
    {
        var task = what.AsTask();
        await Until(() => task.IsCompleted, name);
        return await task;
    }

    /// <inheritdoc cref="Run"/>
    public async Task Until(Func<bool> condition, string what)
    {
        for (var ticks = 0; ticks < 2000; ticks++)
        {
            await Settle(condition);
            if (condition()) return;
            await Task.Run(static () => { });   // what the pool was given before is on its way: time must not run ahead of it
            if (condition()) return;
            Time.Advance(_options.TickInterval);
        }

        // The hosts have done what they will: only a continuation can still wait for its thread on a busy machine.
        await Waiting.Until(condition, what, Describe);
    }

    /// <summary>Waits until no frame and no write is under way, so that only time can bring anything more.</summary>
    public Task Settle(Func<bool>? orUntil = null) => Waiting.Until(
        () => orUntil?.Invoke() == true || (Links.InFlight == 0 && _hosts.All(host => host.Value.Host.UnderWay == 0) && Links.InFlight == 0),
        "the hosts come to rest");

    private string Describe() => string.Join("; ", _hosts.Select(host =>
        $"{host.Key}: {host.Value.Host.Completion.Exception?.InnerException?.Message} {host.Value.Host.Find(Group(1))?.View}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _hosts.Keys) await StopAsync(server);
        _folder.Delete(recursive: true);
    }
}
