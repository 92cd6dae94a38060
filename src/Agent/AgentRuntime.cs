using System.Collections.Immutable;
using Google.Protobuf;
using Notebook.Agent.Connections;
using Notebook.Agent.Kernels;
using Notebook.Agent.Peers;
using Notebook.Agent.Processes;
using Notebook.Agent.Replicas;
using Notebook.Agent.State;
using Notebook.JupyterWire.Zmq;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent;

/// <summary>Everything that an agent consists of, put together.</summary>
internal sealed class AgentRuntime : IAsyncDisposable
{
    private static readonly TimeSpan s_leaseTick = TimeSpan.FromSeconds(10);

    private readonly AgentSettings _settings;
    private readonly string _bootId = Guid.NewGuid().ToString("N");
    private readonly IReadOnlyList<LaunchableSpec> _specs;
    private readonly ZmqContext _zmq = new();
    private readonly RunFolder _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly ImmutableDictionary<string, ProcessFactory> _factories;
    private readonly KernelPools _pools;
    private readonly SiloConnection _silo;
    private readonly ReplicaTable _replicas;
    private readonly KernelLogs _logs;
    private readonly MachineLoad _load = new();
    private readonly ITimer _leaseTerms;

    public AgentRuntime(AgentSettings settings, IReadOnlyList<LaunchableSpec> specs, TimeProvider time, ILoggerFactory logs)
    {
        (_settings, _specs) = (settings, specs);
        _folder = new RunFolder(Path.Combine(settings.Process.Data.Run, settings.Process.Self.Id));
        _factories = specs.Where(spec => spec.Foreign is null)
            .ToImmutableDictionary(spec => spec.Name, spec => new ProcessFactory(spec, _folder, _zmq, time, logs));
        var host = _factories.Values.First();   // there is always one
        var foreign = specs.Where(spec => spec.Foreign is not null).ToImmutableDictionary(
            spec => spec.Name, spec => new ForeignFactory(spec, host, _folder, _zmq, time, logs.CreateLogger<KernelProcess>()));
        _pools = new KernelPools(_factories, settings.Pool, MachineLoad.ReadMemory, time, logs, _stop.Token);
        var dialer = new LinkDialer(settings.Process.Self, settings.Process.Key, time);
        _silo = new SiloConnection(dialer, settings.Silos, time, logs.CreateLogger<SiloConnection>());
        Peers = new PeerLinks(settings.Process.Self, new PeerDialer(dialer), time, logs.CreateLogger<PeerLinks>());
        _logs = new KernelLogs(settings.Process, settings.State, Peers, time, logs.CreateLogger<KernelLogs>());
        var server = settings.Process.Self.Id;
        var peers = new ReplicaPeers(server, Peers.Want, Peers.Release);
        var leases = new DeviceLeases([.. settings.Gpus.Inventory.Select(gpu => gpu.Index)]);
        _leaseTerms = time.CreateTimer(_ => leases.Expire(time.GetUtcNow()), null, s_leaseTick, s_leaseTick);
        _replicas = new ReplicaTable(
            new ReplicaServices(
                order => foreign.TryGetValue(order.SpecName, out var factory) ? factory.MakeAsync(order, _stop.Token) : _pools.TakeAsync(order.SpecName),
                leases, _logs, peers, server, settings.RestAfter, _silo.Tell, time,
                logs.CreateLogger<Replica>()));
        _logs.Chunks.Confirmed += _replicas.ChunksConfirmed;
        _logs.Chunks.PeerShort += _replicas.PeerShort;
        Gateways = new GatewayConnections(_replicas, logs.CreateLogger<GatewayConnections>());
    }

    /// <summary>Serves gateways.</summary>
    public GatewayConnections Gateways { get; }

    /// <summary>The links to other agents.</summary>
    public PeerLinks Peers { get; }

    /// <summary>Fails when the disk under the kernels' logs did: then the agent must end, since only a recovery can tell what is there.</summary>
    public Task StateFailed => _logs.Completion;

    /// <summary>Keeps the link to the silo until told to stop.</summary>
    /// <param name="dataAddress">Where gateways and other agents reach this agent.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="LinkRefusedException">The silo refuses this agent.</exception>
    public Task RunAsync(Uri dataAddress, CancellationToken stop) =>
        _silo.RunAsync(() => Register(dataAddress), Load, Obey, stop);

    /// <summary>Ends all kernel processes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _leaseTerms.DisposeAsync();
        await Peers.DisposeAsync();
        await _logs.DisposeAsync();
        _pools.Dispose();
        foreach (var factory in _factories.Values) await factory.DisposeAsync();
        _folder.Remove();
        _stop.Dispose();
    }

    private void Obey(SiloToAgent order)
    {
        if (order.Pool is { } pool) _pools.Obey(pool);
        else _replicas.Obey(order);
    }

    private Load Load()
    {
        var load = _load.Read();
        _pools.Describe(load);
        _logs.Describe(load);
        return load;
    }

    private (Register Register, IReadOnlyList<VersionedReport> Reports) Register(Uri dataAddress)
    {
        VersionedReport[] reports = [.. _replicas.Reports];
        var register = new Register
        {
            Server = _settings.Process.Self.Id,
            BootId = _bootId,
            ProcessId = Environment.ProcessId,
            DataAddress = dataAddress.ToString(),
            Load = Load(),
            MilliCpus = Environment.ProcessorCount * 1000,
        };
        register.Gpus.AddRange(_settings.Gpus.Inventory.Select(gpu =>
            new Links.Protocol.Gpu { Index = gpu.Index, Uuid = gpu.Uuid, Kind = gpu.Kind, Name = gpu.Name, MemoryMb = gpu.MemoryMb }));
        foreach (var spec in _specs)
        {
            var known = new KernelSpec
            {
                Name = spec.Name,
                DisplayName = spec.DisplayName,
                Language = spec.Language,
                Foreign = spec.Foreign is not null,
                Metadata = spec.Foreign?.Metadata ?? "",
            };
            foreach (var (name, bytes) in spec.Resources) known.Resources.Add(name, UnsafeByteOperations.UnsafeWrap(bytes));
            register.KernelSpecs.Add(known);
        }

        register.Logs.AddRange(_logs.Closed.Select(log => new HeldLog { Replica = log.Replica, Incarnation = log.Incarnation }));
        register.Replicas.AddRange(reports.Select(report => report.Report));
        return (register, reports);
    }
}
