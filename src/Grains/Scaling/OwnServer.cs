namespace Notebook.Grains.Scaling;

/// <summary>What a server that was added by scaling is doing.</summary>
internal enum OwnServerPhase
{
    /// <summary>The provisioner is asked, again and again, to see to it that it runs.</summary>
    Adding,

    /// <summary>The provisioner says that it runs, its agent has not connected yet.</summary>
    Arriving,

    /// <summary>It serves.</summary>
    Up,

    /// <summary>It is being emptied.</summary>
    Draining,

    /// <summary>The provisioner is asked, again and again, to see to it that it is gone.</summary>
    Removing,
}

/// <summary>A server that was added by scaling.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Phase">What it is doing.</param>
/// <param name="Since">Since when.</param>
[GenerateSerializer, Immutable, Alias("notebook.own-server")]
internal sealed record OwnServer([property: Id(0)] ServerId Server, [property: Id(1)] OwnServerPhase Phase, [property: Id(2)] DateTimeOffset Since)
{
    /// <summary>Number of the operation under way; 0 while there is none.</summary>
    [Id(3)]
    public long Operation { get; init; }

    /// <summary>When that operation must have been heard of.</summary>
    [Id(4)]
    public DateTimeOffset Deadline { get; init; }

    /// <summary>Operations in a row that failed.</summary>
    [Id(5)]
    public int Failures { get; init; }

    /// <summary>When the next operation may begin.</summary>
    [Id(6)]
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>Whether its agent ever connected: then kernels' state may lie on its disk.</summary>
    [Id(7)]
    public bool HasBeenUp { get; init; }

    /// <summary>Whether it is to serve and does not yet, or not any more.</summary>
    public bool IsOnItsWay => Phase is OwnServerPhase.Adding or OwnServerPhase.Arriving;

    /// <summary>Whether nothing is to be placed there any more.</summary>
    public bool IsLeaving => Phase is OwnServerPhase.Draining or OwnServerPhase.Removing;
}

/// <summary>What is stored of the servers that scaling added, so that no crash forgets one.</summary>
[GenerateSerializer, Alias("notebook.fleet-record")]
internal sealed record FleetRecord
{
    /// <summary>All that were asked for and are not known to be gone.</summary>
    [Id(0)]
    public ImmutableArray<OwnServer> Servers { get; init; } = [];

    /// <summary>Number of the last operation.</summary>
    [Id(1)]
    public long LastOperation { get; init; }

    /// <summary>Servers in a row that were added and never connected.</summary>
    [Id(2)]
    public int NoShows { get; init; }

    /// <summary>No new server is asked for before.</summary>
    [Id(3)]
    public DateTimeOffset AddsNotBefore { get; init; }

    /// <summary>Operations that ever failed.</summary>
    [Id(4)]
    public int Failures { get; init; }

    /// <summary>The last of them, newest last.</summary>
    [Id(5)]
    public ImmutableArray<ScalingFault> Faults { get; init; } = [];
}
