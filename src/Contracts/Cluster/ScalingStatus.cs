namespace Notebook.Contracts;

/// <summary>A server that comes or goes by scaling.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Phase"><c>adding</c>, <c>arriving</c>, <c>draining</c> or <c>removing</c>.</param>
/// <param name="Since">Since when.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
/// <param name="UnderWay">Whether the provisioner is at it now; else the next attempt waits, or the server is awaited or emptied.</param>
[GenerateSerializer, Immutable, Alias("notebook.moving-server")]
public sealed record MovingServer(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] string Phase,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] int Failures,
    [property: Id(4)] bool UnderWay);

/// <summary>An attempt to add or remove a server that failed.</summary>
/// <param name="At">When.</param>
/// <param name="Server">Which server.</param>
/// <param name="Reason">What was tried, what was found, and what follows.</param>
[GenerateSerializer, Immutable, Alias("notebook.scaling-fault")]
public sealed record ScalingFault([property: Id(0)] DateTimeOffset At, [property: Id(1)] ServerId Server, [property: Id(2)] string Reason);

/// <summary>How the number of servers is kept, for operators.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Provisioner">Who adds and removes servers.</param>
/// <param name="Target">Servers that are wanted, by the last decision.</param>
/// <param name="Minimum">Servers at least.</param>
/// <param name="Maximum">Servers at most; 0 when their number is left alone.</param>
/// <param name="OnTheirWay">Servers that were asked for, or come back.</param>
/// <param name="Leaving">Servers that are emptied or removed.</param>
/// <param name="LastDecision">The last decision's reason; null before the first.</param>
/// <param name="DecidedAt">When it was made.</param>
/// <param name="Failures">Attempts that ever failed.</param>
/// <param name="Faults">The last ten of them, newest last.</param>
[GenerateSerializer, Immutable, Alias("notebook.scaling-status")]
public sealed record ScalingStatus(
    [property: Id(0)] string Policy,
    [property: Id(1)] string Provisioner,
    [property: Id(2)] int Target,
    [property: Id(3)] int Minimum,
    [property: Id(4)] int Maximum,
    [property: Id(5)] ImmutableArray<MovingServer> OnTheirWay,
    [property: Id(6)] ImmutableArray<MovingServer> Leaving,
    [property: Id(7)] string? LastDecision,
    [property: Id(8)] DateTimeOffset? DecidedAt,
    [property: Id(9)] int Failures,
    [property: Id(10)] ImmutableArray<ScalingFault> Faults);
