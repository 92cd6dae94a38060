using Notebook.Agent.State;
using Notebook.Links;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>
/// Three real agents in this process, numbered 1 to 3. A fork server comes up slowly: tests share the agents, one after
/// another, and each has a kernel of its own on them (<see cref="ThreeReplicas"/>).
/// </summary>
public sealed class ThreeAgents : IAsyncLifetime, IAsyncDisposable
{
    private readonly RunningAgent[] _agents;
    private int _lastKernel;

    /// <summary>A standby that was used stays as it is, however long a test takes.</summary>
    public ThreeAgents()
        : this(TimeSpan.FromHours(1))
    {
    }

    /// <param name="restAfter">For how long a standby that was used stays as it is.</param>
    /// <param name="state">What each agent, by its number, keeps of the state; null for what tests have otherwise.</param>
    internal ThreeAgents(TimeSpan restAfter, Func<int, StateOptions>? state = null)
    {
        var key = ClusterKey.Parse(ClusterKey.NewText(), "the test");
        _agents = [.. Enumerable.Range(1, 3).Select(number => state is null
            ? new RunningAgent($"agent-{number}", key, restAfter)
            : new RunningAgent($"agent-{number}", key, restAfter) { State = state(number) })];
    }

    /// <summary>Starts three whose disks a test limits.</summary>
    internal static async Task<ThreeAgents> StartAsync(Func<int, StateOptions> state)
    {
        var agents = new ThreeAgents(TimeSpan.FromHours(1), state);
        await agents.InitializeAsync();
        return agents;
    }

    public Task InitializeAsync() => Task.WhenAll(_agents.Select(agent => agent.InitializeAsync()));

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_agents.Select(agent => agent.DisposeAsync()));
        foreach (var agent in _agents) agent.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    internal RunningAgent this[int number] => _agents[number - 1];

    internal string NewKernel() => $"kernel-{Interlocked.Increment(ref _lastKernel)}";
}

/// <summary>Three agents whose standbys rest soon after they were used.</summary>
public sealed class ThreeAgentsThatRest : IAsyncLifetime
{
    internal ThreeAgents Agents { get; } = new(TimeSpan.FromMilliseconds(300));

    public Task InitializeAsync() => Agents.InitializeAsync();

    public Task DisposeAsync() => Agents.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class ThreeAgentsCollection : ICollectionFixture<ThreeAgents>
{
    public const string Name = "three agents";
}
