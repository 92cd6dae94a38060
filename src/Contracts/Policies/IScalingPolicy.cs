namespace Notebook.Contracts.Policies;

/// <summary>A server that can be used, as scaling sees it.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Gpus">GPUs present.</param>
/// <param name="CommittedGpus">GPUs that cells hold.</param>
/// <param name="PromisedGpus">GPUs promised to replicas.</param>
/// <param name="Replicas">Replicas placed there.</param>
/// <param name="IsDraining">Whether it is being emptied, and takes nothing new.</param>
/// <param name="IsOurs">Whether it was added by scaling: no other is ever removed.</param>
/// <param name="CanBeDrained">Whether nothing is placed there, or what is can move elsewhere.</param>
/// <param name="UpSince">When it came up last.</param>
public sealed record ScalingServer(
    ServerId Server,
    int Gpus,
    int CommittedGpus,
    int PromisedGpus,
    int Replicas,
    bool IsDraining,
    bool IsOurs,
    bool CanBeDrained,
    DateTimeOffset UpSince);

/// <summary>A server that was asked for and is not up yet.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Since">When it was asked for.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
public sealed record ArrivingServer(ServerId Server, DateTimeOffset Since, int Failures);

/// <summary>What a scaling policy decides by.</summary>
/// <param name="Now">The time.</param>
/// <param name="Servers">Those that can be used, draining ones too.</param>
/// <param name="OnTheirWay">Those that were asked for and are not up.</param>
/// <param name="Waiting">What cells and kernels ask for that no server has room for now.</param>
/// <param name="Minimum">Servers that there are to be at least.</param>
/// <param name="Maximum">Servers that there may be at most.</param>
/// <param name="Buffer">Servers to keep beyond the minimum, whatever the demand.</param>
/// <param name="GpusPerServer">GPUs of a server that is added; may be 0.</param>
/// <param name="Settling">How long a server that came up is given until what waits has found it, and it may be removed.</param>
public sealed record ScalingView(
    DateTimeOffset Now,
    ImmutableArray<ScalingServer> Servers,
    ImmutableArray<ArrivingServer> OnTheirWay,
    ImmutableArray<ResourceAmounts> Waiting,
    int Minimum,
    int Maximum,
    int Buffer,
    int GpusPerServer,
    TimeSpan Settling)
{
    /// <summary>
    /// The highest demand for GPUs, those that cells held and those that were waited for, of each of the last sixty minutes; the
    /// present one first. Empty where it is not known.
    /// </summary>
    public ImmutableArray<int> DemandPeaks { get; init; } = [];

    /// <summary>GPUs that cells hold, on all servers.</summary>
    public int CommittedGpus => Servers.Sum(s => s.CommittedGpus);
}

/// <summary>How the number of servers is to change, and why.</summary>
/// <param name="Add">How many more are wanted; draining ones of ours are taken back before others are asked for.</param>
/// <param name="Remove">Which to give up: servers of ours, up or on their way. They are drained first.</param>
/// <param name="Reason">For operators, with the figures.</param>
public sealed record ScalingDecision(int Add, ImmutableArray<ServerId> Remove, string Reason);

/// <summary>Decides how many servers there are to be. Pure: same input, same answer.</summary>
public interface IScalingPolicy : IPolicy
{
    /// <summary>Asked at each interval, and at once when something finds no room.</summary>
    ScalingDecision Decide(ScalingView view);
}
