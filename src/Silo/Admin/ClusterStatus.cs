using System.Text.Json.Serialization;

namespace Notebook.Silo.Admin;

/// <summary>
/// What <c>GET /admin/cluster</c> answers, and <c>notebook status --json</c> prints. An interface: names in snake_case,
/// fields are added, never renamed or removed.
/// </summary>
/// <param name="Servers">All servers that ever connected.</param>
/// <param name="Kernels">All kernels that have not ended.</param>
/// <param name="Cells">The cells that run now.</param>
/// <param name="Queue">The cells that wait, for whatever.</param>
/// <param name="GpuQueue">Those of them that wait for GPUs, in the order of the cluster's queue.</param>
/// <param name="Moves">The moves of replicas under way.</param>
/// <param name="SubscriptionLimit">How far GPUs may be promised more than once now.</param>
/// <param name="Policies">Who decides what in the silo that answers.</param>
/// <param name="Regime">The regime that it runs.</param>
/// <param name="Scaling">How the number of servers is kept.</param>
/// <param name="CulledKernels">Kernels that were ended since nobody used them, since the silo started.</param>
internal sealed record ClusterStatus(
    IReadOnlyList<ServerStatus> Servers,
    IReadOnlyList<KernelStatus> Kernels,
    IReadOnlyList<CellStatus> Cells,
    IReadOnlyList<CellStatus> Queue,
    IReadOnlyList<QueueStatus> GpuQueue,
    IReadOnlyList<MoveStatus> Moves,
    double SubscriptionLimit,
    IReadOnlyList<PolicyStatus> Policies,
    string Regime,
    ScalingState? Scaling,
    long CulledKernels);

/// <param name="Policy">Who decides.</param>
/// <param name="Provisioner">Who adds and removes servers: <c>process</c>, <c>command</c> or <c>none</c>.</param>
/// <param name="Target">Servers that are wanted, by the last decision.</param>
/// <param name="Minimum">Servers at least.</param>
/// <param name="Maximum">Servers at most; 0 when their number is left alone.</param>
/// <param name="OnTheirWay">Servers that were asked for, or come back: <c>adding</c> or <c>arriving</c>.</param>
/// <param name="Leaving">Servers that go: <c>draining</c> or <c>removing</c>.</param>
/// <param name="LastDecision">Why it was made; null before the first.</param>
/// <param name="DecidedAt">When it was made.</param>
/// <param name="Failures">Attempts to add or remove a server that ever failed.</param>
/// <param name="Errors">The last ten of them, newest last.</param>
internal sealed record ScalingState(
    string Policy,
    string Provisioner,
    int Target,
    int Minimum,
    int Maximum,
    IReadOnlyList<MovingServerStatus> OnTheirWay,
    IReadOnlyList<MovingServerStatus> Leaving,
    string? LastDecision,
    DateTimeOffset? DecidedAt,
    int Failures,
    IReadOnlyList<ScalingError> Errors);

/// <param name="Id">Its id.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Since">Since when.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
/// <param name="UnderWay">Whether the provisioner is at it now.</param>
internal sealed record MovingServerStatus(string Id, string State, DateTimeOffset Since, int Failures, bool UnderWay);

/// <param name="At">When.</param>
/// <param name="Server">Which server was to be added or removed.</param>
/// <param name="Reason">What was tried, what was found, what follows.</param>
internal sealed record ScalingError(DateTimeOffset At, string Server, string Reason);

/// <param name="Place">1 for the next.</param>
/// <param name="Kernel">Whose cell waits.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="User">Whose kernel it is.</param>
/// <param name="Asks">What it asks for.</param>
/// <param name="Since">When it came.</param>
/// <param name="WaitingFor">What it waits for, and what is done about it.</param>
internal sealed record QueueStatus(
    int Place, string Kernel, long Execution, string User, AmountsStatus Asks, DateTimeOffset Since, string WaitingFor);

/// <param name="Kernel">Whose replica moves.</param>
/// <param name="Replica">The replica that is to go.</param>
/// <param name="Server">The server where another comes up in its place.</param>
/// <param name="Since">When it was decided.</param>
/// <param name="Reason">Why.</param>
internal sealed record MoveStatus(string Kernel, string Replica, string Server, DateTimeOffset Since, string Reason);

/// <param name="Gpus">Whole GPUs.</param>
/// <param name="GpuMemoryMb">GPU memory in MB.</param>
/// <param name="MilliCpus">CPU in thousandths of a core.</param>
/// <param name="MemoryMb">Host memory in MB.</param>
internal sealed record AmountsStatus(int Gpus, long GpuMemoryMb, int MilliCpus, long MemoryMb);

/// <param name="Spec">What there is.</param>
/// <param name="Committed">What running cells hold; with what is idle it is what there is.</param>
/// <param name="Held">What is kept for cells that wait.</param>
/// <param name="Promised">What its replicas' kernels may ask for.</param>
internal sealed record ResourcesStatus(AmountsStatus Spec, AmountsStatus Committed, AmountsStatus Held, AmountsStatus Promised);

/// <param name="Server">Its id.</param>
/// <param name="Draining">Whether it is to be empty.</param>
/// <param name="Replicas">How many replicas are still there.</param>
/// <param name="Reason">What keeps them there; null when nothing does.</param>
internal sealed record DrainStatus(string Server, bool Draining, int Replicas, string? Reason);

/// <param name="Id">Its id.</param>
/// <param name="Address">Where gateways and other agents reach its agent.</param>
/// <param name="Pid">Operating system id of its agent.</param>
/// <param name="State"><c>up</c>, <c>suspect</c> or <c>down</c>.</param>
/// <param name="Gpus">Its GPUs.</param>
/// <param name="SubscriptionRatio">Promised GPUs over GPUs and replicas per kernel.</param>
/// <param name="PromisedGpus">GPUs promised to its replicas.</param>
/// <param name="Replicas">Ids of the replicas placed on it.</param>
/// <param name="Load">How busy it is.</param>
/// <param name="Storage">What it keeps of kernels' states; null while that is not known.</param>
/// <param name="Pool">Its warm kernel processes; null while that is not known.</param>
/// <param name="Draining">Whether it is being emptied.</param>
/// <param name="Resources">Its GPUs, GPU memory, CPU and memory: what there is, committed, kept and promised.</param>
internal sealed record ServerStatus(
    string Id,
    string Address,
    int Pid,
    string State,
    IReadOnlyList<GpuStatus> Gpus,
    double SubscriptionRatio,
    int PromisedGpus,
    IReadOnlyList<string> Replicas,
    LoadStatus Load,
    StorageStatus? Storage,
    PoolStatus? Pool,
    bool Draining,
    ResourcesStatus Resources);

/// <param name="Target">Processes that it keeps warm for each kernelspec.</param>
/// <param name="Warm">Those that are ready, of all kernelspecs.</param>
/// <param name="Hits">Starts that found a warm process, since its agent started.</param>
/// <param name="Misses">Starts that had to wait for one.</param>
/// <param name="StartMs">How long it takes to make a process, on average of the last ones; null while unknown.</param>
/// <param name="HoldingMs">How long a place stays empty after a start, on average of the last ones; null while unknown.</param>
/// <param name="ProcessMemoryMb">Memory that a warm process takes for itself; null while unknown.</param>
/// <param name="Reason">Why the control plane wants so many.</param>
internal sealed record PoolStatus(
    int Target, int Warm, long Hits, long Misses, double? StartMs, double? HoldingMs, long? ProcessMemoryMb, string? Reason);

/// <param name="ObjectsBytes">Bytes of large values on its disk.</param>
/// <param name="ObjectsFreeBytes">Bytes of large values for which there is still room.</param>
/// <param name="Faults">What is wrong, each in a sentence: no room, damage. Empty when all is well.</param>
internal sealed record StorageStatus(long ObjectsBytes, long ObjectsFreeBytes, IReadOnlyList<string> Faults);

/// <param name="Index">Its index on the server.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Kind"><c>nvidia</c> or <c>simulated</c>.</param>
/// <param name="Name">Its product name.</param>
/// <param name="MemoryMb">Its memory in MB.</param>
/// <param name="LeasedBy">Id of the kernel whose cell has it; null while it is idle.</param>
internal sealed record GpuStatus(int Index, string Uuid, string Kind, string Name, long MemoryMb, string? LeasedBy);

/// <param name="CpuShare">Share of CPU time in use, 0 to 1.</param>
/// <param name="MemoryUsedMb">Host memory in use in MB.</param>
/// <param name="MemoryTotalMb">Host memory in MB.</param>
/// <param name="WarmProcesses">Pre-warmed kernel processes that are ready.</param>
internal sealed record LoadStatus(double CpuShare, long MemoryUsedMb, long MemoryTotalMb, int WarmProcesses);

/// <param name="Id">Its id.</param>
/// <param name="Name">Its kernelspec.</param>
/// <param name="User">Whose it is.</param>
/// <param name="State"><c>starting</c>, <c>idle</c>, <c>busy</c> or <c>dead</c>.</param>
/// <param name="Reason">Why it is dead, or which server it waits for since that alone has its variables; null otherwise.</param>
/// <param name="Executor">Id of the replica that runs its cells; null while there is none.</param>
/// <param name="Durability">What a cell's acknowledgement waits for: <c>state</c>, or <c>all</c> for its large values too; <c>none</c> where its state is not replicated.</param>
/// <param name="StateSafe">Whether losing the executor now would lose nothing but what is unreplicated: large values are with a majority too.</param>
/// <param name="Standbys">What its standbys are to do with its state: <c>hot</c>, <c>warm</c> or <c>cold</c>; <c>none</c> when it has one replica.</param>
/// <param name="Session">Its Jupyter session.</param>
/// <param name="Incarnation">Restarts that its user noticed, from 1.</param>
/// <param name="LastActivity">When a client last used it.</param>
/// <param name="Queue">Its cells, the running one first.</param>
/// <param name="Replicas">Its replicas.</param>
/// <param name="Unreplicated">Values that cannot be copied and exist at the executor alone, as <c>name: reason</c>; at most 100.</param>
/// <param name="Resources">What its cells get that ask for nothing themselves.</param>
/// <param name="Moving">The move of one of its replicas; null when there is none.</param>
/// <param name="Reclaimed">Since when it has given its processes back, and why; null while it has not.</param>
/// <param name="Connections">How many clients it has at all gateways, as they said last.</param>
/// <param name="Replicated">Whether its state is replicated; false for a kernel that is not ours.</param>
/// <param name="Losses">How often its process was lost and its variables with it, where it is not replicated.</param>
internal sealed record KernelStatus(
    string Id,
    string Name,
    string User,
    string State,
    string? Reason,
    string? Executor,
    string Durability,
    bool StateSafe,
    string Standbys,
    string Session,
    int Incarnation,
    DateTimeOffset LastActivity,
    IReadOnlyList<CellStatus> Queue,
    IReadOnlyList<ReplicaStatus> Replicas,
    IReadOnlyList<string> Unreplicated,
    AmountsStatus Resources,
    MoveStatus? Moving,
    ReclaimedStatus? Reclaimed,
    int Connections,
    bool Replicated,
    int Losses);

/// <param name="Since">When it gave its processes back.</param>
/// <param name="Reason">Why.</param>
internal sealed record ReclaimedStatus(DateTimeOffset Since, string Reason);

/// <param name="Id">Its id.</param>
/// <param name="Server">Its server.</param>
/// <param name="Role"><c>executor</c> or <c>standby</c>.</param>
/// <param name="Standby">
/// What it does with the state at present: <c>hot</c> (its process takes changes in as they come), <c>warm</c> (its process
/// takes them in when it is needed) or <c>cold</c> (no process until then); null for the executor, and unless it is ready.
/// </param>
/// <param name="Phase"><c>starting</c>, <c>ready</c>, <c>lost</c> or <c>stopped</c>.</param>
/// <param name="Pid">Operating system id of its process; 0 while there is none, null while it is cold.</param>
/// <param name="Reason">Why it is lost or stopped.</param>
internal sealed record ReplicaStatus(string Id, string Server, string Role, string? Standby, string Phase, int? Pid, string? Reason);

/// <param name="Kernel">Its kernel.</param>
/// <param name="MessageId">The <c>msg_id</c> of its request.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="State"><c>running</c> or <c>waiting</c>.</param>
/// <param name="Running">Whether it was started.</param>
/// <param name="WaitingFor">Why it does not run yet.</param>
/// <param name="Server">Where it holds GPUs; null when it holds none.</param>
/// <param name="Gpus">Indices of the GPUs that it holds.</param>
internal sealed record CellStatus(
    string Kernel, string MessageId, long Execution, string State, bool Running, string? WaitingFor, string? Server, IReadOnlyList<int> Gpus);

/// <param name="At">When.</param>
/// <param name="Kind"><c>placement</c>, <c>executor</c>, <c>queue</c>, <c>move</c>, <c>drain</c>, <c>scaling</c> or <c>reclaim</c>.</param>
/// <param name="Kernel">Which kernel it is about; null for one about servers alone.</param>
/// <param name="Execution">The cell's number in the kernel; null where it is about no cell.</param>
/// <param name="Policy">The policy that decided; null where a rule without a choice did.</param>
/// <param name="Outcome">What was decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="Considered">What was looked at.</param>
internal sealed record DecisionStatus(
    DateTimeOffset At,
    string Kind,
    string? Kernel,
    long? Execution,
    string? Policy,
    string Outcome,
    string Reason,
    IReadOnlyList<ConsideredStatus> Considered);

/// <param name="What">A server or a replica.</param>
/// <param name="Verdict">What was found.</param>
internal sealed record ConsideredStatus(string What, string Verdict);

/// <param name="Kind">What it decides.</param>
/// <param name="Name">Its name, with its option.</param>
/// <param name="Origin"><c>built-in</c>, or the file name of its plug-in.</param>
/// <param name="Faults">How often it failed since the silo started, and the built-in default decided instead.</param>
/// <param name="LastFault">What it did the last time; null when it never failed.</param>
internal sealed record PolicyStatus(string Kind, string Name, string Origin, long Faults, string? LastFault);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(DrainStatus))]
[JsonSerializable(typeof(IReadOnlyList<DecisionStatus>))]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(AdminError))]
internal sealed partial class AdminJson : JsonSerializerContext;

/// <param name="Status"><c>ok</c>.</param>
internal sealed record HealthStatus(string Status);

/// <param name="Message">What is wrong and what to do.</param>
internal sealed record AdminError(string Message);
