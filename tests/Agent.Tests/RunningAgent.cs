using Notebook.Agent.State;
using Notebook.Gpu;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

/// <summary>A real agent in this process, with real kernel processes, and the fake silo that it is connected to. Shared by tests.</summary>
public sealed class RunningAgent : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-agent-").FullName;
    private readonly string _id;
    private readonly TimeSpan _restAfter;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _lastKernel;

    public RunningAgent()
        : this("agent-1", ClusterKey.Parse(ClusterKey.NewText(), "the test"), TimeSpan.FromSeconds(30))
    {
    }

    /// <param name="id">The server's id.</param>
    /// <param name="key">The cluster's key.</param>
    /// <param name="restAfter">For how long a standby that was used stays as it is.</param>
    internal RunningAgent(string id, ClusterKey key, TimeSpan restAfter) => (_id, Key, _restAfter) = (id, key, restAfter);

    internal ClusterKey Key { get; }

    /// <summary>What it keeps of kernels' states.</summary>
    internal StateOptions State { get; init; } = new() { CollectPause = TimeSpan.Zero };

    /// <summary>Where it looks for kernels that are not ours; none unless a test says so, for a machine may have any.</summary>
    internal IReadOnlyList<string> KernelSpecFolders { get; init; } = [];

    /// <summary>Where the files of the large values are that it keeps.</summary>
    internal string ChunksFolder => Path.Combine(_folder, "state", _id, "objects", "chunks");

    /// <summary>Where the logs are.</summary>
    internal string LogFolder => Path.Combine(_folder, "state", _id, "raft");

    /// <summary>Where it notes whose the logs are.</summary>
    internal string LogNamesFolder => Path.Combine(_folder, "state", _id, "kernels");

    internal FakeSilo Silo { get; private set; } = null!;

    internal Uri DataAddress { get; private set; } = null!;

    internal Register Registration { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Silo = await FakeSilo.StartAsync(Key);
        await StartAsync();
    }

    /// <summary>Ends the agent as its server's shutdown would.</summary>
    internal async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _running.Within("the agent ends");
    }

    /// <summary>Starts the agent, which was ended, on what it left.</summary>
    internal async Task StartAgainAsync()
    {
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        await StartAsync();
    }

    /// <summary>Ends the agent and starts it again.</summary>
    /// <param name="meanwhile">Done while it is down.</param>
    internal async Task RestartAsync(Action? meanwhile = null)
    {
        await EndAsync();
        meanwhile?.Invoke();
        await StartAgainAsync();
    }

    private async Task StartAsync()
    {
        var process = new ProcessSettings(
            new PeerIdentity("agent", _id), new DataDirectory(_folder), Key, new Uri("http://127.0.0.1:0/"), false);
        var settings = new AgentSettings(process, [Silo.Address], null, GpuChoice.Open("simulated:4", _id), [Python.WithIpykernel()], 2)
        {
            State = State,
            RestAfter = _restAfter,
            KernelSpecFolders = KernelSpecFolders,
        };
        _running = AgentProcess.RunAsync(settings, _stop.Token);
        var registered = Silo.Registrations.NextAsync("the agent registers", _ => true);
        if (await Task.WhenAny(registered, _running) == _running) await _running;
        Registration = await registered;
        DataAddress = new Uri(Registration.DataAddress);
    }

    public void Dispose() => _stop.Dispose();

    internal string NewReplica() => $"kernel-{Interlocked.Increment(ref _lastKernel)}/1";

    /// <summary>Starts a replica and attaches a gateway to it.</summary>
    internal async Task<(string Replica, FakeGateway Gateway)> StartReplicaAsync(int incarnation = 1)
    {
        var replica = NewReplica();
        Silo.Order(new() { Start = StartOrder(replica, incarnation) });
        await Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaReady);
        var gateway = await FakeGateway.DialAsync(DataAddress, Key);
        await gateway.AttachAsync(replica);
        return (replica, gateway);
    }

    internal StartReplica StartOrder(string replica, int incarnation) => new()
    {
        Replica = replica,
        Kernel = replica.Split('/')[0],
        SpecName = "python3",
        User = "tester",
        Session = $"session of {replica}",
        Incarnation = incarnation,
        WorkingDirectory = _folder,
        Environment = { ["KERNEL_COLOUR"] = "blue" },
    };

    internal void Run(string replica, string messageId, long execution, long epoch = 1, params int[] devices)
    {
        var order = new RunCell { Replica = replica, MessageId = messageId, Execution = execution, Epoch = epoch, LeaseEpoch = execution };
        order.Devices.AddRange(devices);
        Silo.Order(new() { Run = order });
    }

    public async Task DisposeAsync()
    {
        await EndAsync();
        await Silo.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The Python that tests use.</summary>
internal static class Python
{
    public static string WithIpykernel() => "/usr/bin/python3";
}

[CollectionDefinition(Name)]
public sealed class AgentCollection : ICollectionFixture<RunningAgent>
{
    public const string Name = "one agent";
}
