namespace Notebook.Grains.Scaling;

/// <summary>Within which bounds the number of servers is changed.</summary>
public sealed record ScalingSettings
{
    /// <summary>Servers that there are to be at least.</summary>
    public int Minimum { get; init; }

    /// <summary>Servers that there may be at most, those that operators start themselves too; 0 when none is to be added or removed.</summary>
    public int Maximum { get; init; }

    /// <summary>Servers to keep beyond the minimum, whatever the demand.</summary>
    public int Buffer { get; init; } = 3;

    /// <summary>GPUs of a server that is added.</summary>
    public int GpusPerServer { get; init; }

    /// <summary>Time between two decisions where nothing calls for one sooner.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long things are given to find their place: a server that came up counts as room for what waits and is not removed,
    /// and after a start of the silo nothing is decided, for agents that run have yet to connect.
    /// </summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long adding or removing one server may take.</summary>
    public TimeSpan OperationLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a server that was added may take to connect.</summary>
    public TimeSpan ArrivalLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Whether anything is decided at all.</summary>
    public bool IsOn => Maximum > 0;
}
