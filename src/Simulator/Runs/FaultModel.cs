using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Runs;

/// <summary>
/// What goes wrong in a run, at times that are drawn from its seed. Rates are per hour of simulated time, 0 for never; each thing
/// happens at most once a minute.
/// </summary>
public sealed record FaultModel
{
    /// <summary>The silo's process is killed; another one starts after <see cref="SiloAway"/>.</summary>
    public double SiloCrashes { get; init; }

    /// <summary>How long there is no silo.</summary>
    public TimeSpan SiloAway { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A server's machine dies, for each server; it is back after <see cref="ServerAway"/>.</summary>
    public double ServerCrashes { get; init; }

    /// <summary>How long a dead server is away.</summary>
    public TimeSpan ServerAway { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A kernel process dies, for each server.</summary>
    public double ProcessCrashes { get; init; }

    /// <summary>An agent's connection to the silo breaks, for each server, and is back after a tenth of a second to five.</summary>
    public double LinkBreaks { get; init; }

    /// <summary>Share of storage writes that fail, 0 to 1; the grain's activation ends with it.</summary>
    public double StorageFailures { get; init; }

    /// <summary>Share of one-way calls between grains that are lost, 0 to 1.</summary>
    public double LostCalls { get; init; }

    /// <summary>Share of one-way calls that come twice.</summary>
    public double RepeatedCalls { get; init; }

    /// <summary>Share of one-way calls that come up to two seconds late, and so out of order.</summary>
    public double LateCalls { get; init; }

    /// <summary>A little of everything, all the time: what campaigns of many seeds look for faults with.</summary>
    public static FaultModel Everything { get; } = new()
    {
        SiloCrashes = 4,
        ServerCrashes = 1,
        ProcessCrashes = 4,
        LinkBreaks = 4,
        StorageFailures = 0.002,
        LostCalls = 0.002,
        RepeatedCalls = 0.01,
        LateCalls = 0.01,
    };

    /// <summary>Whether anything goes wrong at all.</summary>
    public bool IsOn => SiloCrashes > 0 || ServerCrashes > 0 || ProcessCrashes > 0 || LinkBreaks > 0 || StorageFailures > 0 || HasCallFaults;

    /// <summary>Whether calls between grains are disturbed.</summary>
    public bool HasCallFaults => LostCalls > 0 || RepeatedCalls > 0 || LateCalls > 0;

    /// <summary>Stated with the results; nothing when nothing goes wrong.</summary>
    public ImmutableArray<RunParameter> Parameters => !IsOn ? [] :
    [
        new("silo_crashes_per_h", Text(SiloCrashes)),
        new("server_crashes_per_h", Text(ServerCrashes)),
        new("process_crashes_per_h", Text(ProcessCrashes)),
        new("link_breaks_per_h", Text(LinkBreaks)),
        new("storage_failures", Text(StorageFailures)),
        new("lost_calls", Text(LostCalls)),
        new("repeated_calls", Text(RepeatedCalls)),
        new("late_calls", Text(LateCalls)),
    ];

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
