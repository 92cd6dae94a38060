using System.Collections.Immutable;
using Notebook.Agent.State;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Bench.Replication;

/// <summary>Three agents' logs and links in this process, and kernels with a replica at each.</summary>
internal sealed class ThreeAgents : IAsyncDisposable
{
    private const int ChangeBytes = 200;   // what a cell as small as 1+1 changes
    private static readonly TimeSpan s_leadLimit = TimeSpan.FromSeconds(30);
    private readonly List<LogAgent> _agents = [];
    private int _kernels;

    public static async Task<ThreeAgents> StartAsync(string folder)
    {
        var (data, key) = (new DataDirectory(folder), ClusterKey.Parse(ClusterKey.NewText(), "the benchmark"));
        var three = new ThreeAgents();
        for (var server = 0; server < 3; server++) three._agents.Add(await LogAgent.StartAsync($"agent-{server}", data, key));
        return three;
    }

    /// <summary>Opens a kernel's logs and commits a change; the agents lead the kernels by turns.</summary>
    /// <returns>The logs, the leader's first.</returns>
    public async Task<ImmutableArray<KernelLog>> OpenAsync(CancellationToken stop)
    {
        var kernel = $"kernel-{_kernels++}";
        var peers = _agents.Select((agent, at) => new Peer { Replica = $"{kernel}/{at + 1}", Server = agent.Server, Address = agent.Address }).ToArray();
        var logs = _agents.Select((agent, at) => agent.Open(kernel, at + 1, peers)).ToList();
        var leader = logs[_kernels % 3];
        if (await leader.LeadAsync(1, 1, s_leadLimit, stop) is { } fault) throw new InvalidOperationException($"{kernel}: {fault}");
        await CommitAsync(leader, new byte[ChangeBytes]);
        return [leader, .. logs.Where(log => log != leader)];
    }

    /// <summary>Commits a change, as after a cell.</summary>
    public static async ValueTask CommitAsync(KernelLog leader, byte[] change)
    {
        var sequence = leader.Sequence + 1;
        var outcome = await leader.CommitAsync(new StateEntry.Change(sequence, 1, sequence, [], change), CancellationToken.None);
        if (outcome is not CommitResult.Committed) throw new InvalidOperationException($"a commit ended with {outcome}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
    }
}
