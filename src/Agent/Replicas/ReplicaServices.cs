using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>A report, and its place in the sequence of its replica's reports.</summary>
internal sealed record VersionedReport(ReplicaReport Report, long Version);

/// <summary>What all replicas of an agent share.</summary>
/// <param name="TakeProcessAsync">Takes a warm process for a replica, or makes one for a kernel that is not ours; throws <see cref="ProcessStartException"/>.</param>
/// <param name="Leases">The server's GPUs.</param>
/// <param name="Logs">The logs of the kernels that have a replica here.</param>
/// <param name="Peers">Who the other replicas of the kernels here are.</param>
/// <param name="Server">The server's id.</param>
/// <param name="RestAfter">For how long a standby that was used stays as it is.</param>
/// <param name="Tell">Tells the silo; never waits.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">The log.</param>
internal sealed record ReplicaServices(
    Func<StartReplica, Task<KernelProcess>> TakeProcessAsync,
    DeviceLeases Leases,
    KernelLogs Logs,
    ReplicaPeers Peers,
    string Server,
    TimeSpan RestAfter,
    Action<VersionedReport> Tell,
    TimeProvider Time,
    ILogger Log);
