using System.Globalization;
using Notebook.Contracts;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Runs;

/// <summary>Writes down what happens in a run, at the run's own time.</summary>
/// <param name="time">The clock.</param>
/// <param name="start">When the trace begins; what was before is not counted.</param>
internal sealed class RunRecorder(TimeProvider time, DateTimeOffset start)
{
    private readonly Dictionary<(KernelId, long), (TimeSpan From, TimeSpan? Until)> _leases = [];
    private readonly Dictionary<KernelId, (long Execution, ServerId Server)> _openLeases = [];
    private readonly Dictionary<ServerId, (long Version, int Committed, int Promised)> _servers = [];
    private readonly HashSet<(KernelId, string)> _waited = [];
    private readonly HashSet<KernelId> _waiting = [];
    private int _committed;
    private int _promised;

    /// <summary>What changes over time.</summary>
    public RunSeries Series { get; } = new();

    /// <summary>Replicas that moved.</summary>
    public long Migrations { get; private set; }

    /// <summary>Moves that came to nothing.</summary>
    public long FailedMigrations { get; private set; }

    /// <summary>Servers that were added.</summary>
    public long ScaleOuts { get; private set; }

    /// <summary>Servers that were given back.</summary>
    public long ScaleIns { get; private set; }

    /// <summary>GPUs that two cells held at one time, a lease without its end, and the like: there must be none.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>The time since the trace began; before that, zero.</summary>
    public TimeSpan Now => time.GetUtcNow() is var now && now > start ? now - start : TimeSpan.Zero;

    /// <summary>A server's grain granted a lease.</summary>
    public void Granted(GpuLease lease)
    {
        _openLeases[lease.Kernel] = (lease.Execution, lease.Server);
        _leases.TryAdd((lease.Kernel, lease.Execution), (Now, null));
    }

    /// <summary>A kernel gave back what it had up to this execution.</summary>
    public void Released(ServerId server, KernelId kernel, long execution)
    {
        if (!_openLeases.TryGetValue(kernel, out var open) || open.Server != server || open.Execution > execution) return;
        _openLeases.Remove(kernel);
        var key = (kernel, open.Execution);
        _leases[key] = (_leases[key].From, Now);
    }

    /// <summary>A server says what it holds and promises.</summary>
    public void Heard(ServerSummary server)
    {
        var before = _servers.GetValueOrDefault(server.Server);
        if (server.Version <= before.Version) return;
        var (committed, promised) = server.State == ServerState.Down ? (0, 0) : (server.Account.Committed.Gpus, server.Account.Promised.Gpus);
        if (committed > server.Account.Spec.Gpus) Violations.Add(string.Create(CultureInfo.InvariantCulture, $"server {server.Server} has {committed} GPUs in leases, and {server.Account.Spec.Gpus} in all"));
        _servers[server.Server] = (server.Version, committed, promised);
        _committed += committed - before.Committed;
        _promised += promised - before.Promised;
        Series.LeasedGpus.Add(Now, _committed);
        Series.PromisedGpus.Add(Now, _promised);
    }

    /// <summary>A server that was removed promises nothing any more.</summary>
    public void Gone(ServerId server)
    {
        if (!_servers.Remove(server, out var before)) return;
        _committed -= before.Committed;
        _promised -= before.Promised;
        Series.LeasedGpus.Add(Now, _committed);
        Series.PromisedGpus.Add(Now, _promised);
    }

    /// <summary>A cell found no room and asks the cluster's queue.</summary>
    public void Waits(WaitingCell cell, bool isQueued)
    {
        _waited.Add((cell.Kernel, cell.MessageId));
        if (isQueued ? _waiting.Add(cell.Kernel) : _waiting.Remove(cell.Kernel)) Series.QueueLength.Add(Now, _waiting.Count);
    }

    /// <summary>A kernel waits for nothing any more.</summary>
    public void WaitsNoMore(KernelId kernel)
    {
        if (_waiting.Remove(kernel)) Series.QueueLength.Add(Now, _waiting.Count);
    }

    /// <summary>A move came to its end.</summary>
    public void Moved(bool done)
    {
        if (done) Migrations++;
        else FailedMigrations++;
    }

    /// <summary>A server is paid for from now on.</summary>
    public void Provisioned(int gpus)
    {
        ScaleOuts++;
        Series.ProvisionedGpus.Change(Now, gpus);
        Series.Servers.Change(Now, 1);
    }

    /// <summary>A server is not paid for any more.</summary>
    public void Unprovisioned(int gpus)
    {
        ScaleIns++;
        Series.ProvisionedGpus.Change(Now, -gpus);
        Series.Servers.Change(Now, -1);
    }

    /// <summary>What became of a cell.</summary>
    public CellFact Fact(KernelId kernel, CellState cell, TraceCell traced) => new()
    {
        Session = traced.Session,
        Index = cell.Index,
        Gpus = traced.Gpus,
        Submitted = cell.Submitted ?? traced.Submit,
        Started = cell.Started,
        Ended = cell.Ended,
        Leased = Lease(kernel, cell)?.From,
        Released = Lease(kernel, cell)?.Until,
        Immediate = cell.Started is not null && !_waited.Contains((kernel, cell.MessageId)),
        SameExecutor = cell.SameExecutor,
        Replica = cell.Replica?.Value,
        Server = cell.Server?.Value,
        Outcome = cell.Outcome,
    };

    private (TimeSpan From, TimeSpan? Until)? Lease(KernelId kernel, CellState cell) =>
        _leases.TryGetValue((kernel, cell.Execution), out var lease) ? lease : null;
}
