using System.Collections.Immutable;
using System.Globalization;
using Notebook.Grains.Cluster;
using Notebook.Grains.Policies.Catalog;
using Notebook.Simulator.Model;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Runs;

/// <summary>One run: a trace, a way of scheduling, and a cluster for it.</summary>
public sealed record RunOptions
{
    /// <summary>What is submitted.</summary>
    public required Trace Trace { get; init; }

    /// <summary>The regime's name.</summary>
    public string Regime { get; init; } = "notebookos";

    /// <summary>Policies in place of the regime's, each <c>KIND=NAME</c>.</summary>
    public ImmutableArray<string> Policies { get; init; } = [];

    /// <summary>What policies there are; plug-ins are in it where their folder was opened.</summary>
    public PolicyCatalog Catalog { get; init; } = PolicyCatalog.BuiltIn;

    /// <summary>What all chance comes from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The servers.</summary>
    public ServerModel Model { get; init; } = new();

    /// <summary>Servers at least, which are there before the trace begins.</summary>
    public int MinServers { get; init; } = 1;

    /// <summary>Servers at most.</summary>
    public int MaxServers { get; init; } = 1000;

    /// <summary>Servers that the reference's scaling keeps beyond the minimum.</summary>
    public int Buffer { get; init; } = 3;

    /// <summary>Replicas of a kernel; null for the regime's.</summary>
    public int? Replicas { get; init; }

    /// <summary>How far resources may be promised more than once.</summary>
    public SubscriptionLimits Limits { get; init; } = SubscriptionLimits.Default;

    /// <summary>Time until a server that is asked for is there: mean and standard deviation in seconds.</summary>
    public (double Mean, double Deviation) ProvisionTime { get; init; } = (15, 2);

    /// <summary>Time until a server that is given back is gone.</summary>
    public (double Mean, double Deviation) RemovalTime { get; init; } = (10, 1);

    /// <summary>Whether a cell is submitted only when its session's last one has ended, and the same time after that as in the trace.</summary>
    public bool ClosedLoop { get; init; }

    /// <summary>How long before its first cell a session starts its kernel; the servers are there as long before the first kernel.</summary>
    public TimeSpan Lead { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>One write of grain state.</summary>
    public TimeSpan StorageWrite { get; init; } = TimeSpan.FromMilliseconds(0.4);

    /// <summary>One read of grain state.</summary>
    public TimeSpan StorageRead { get; init; } = TimeSpan.FromMilliseconds(0.1);

    /// <summary>Faults; none unless said otherwise.</summary>
    public FaultModel Faults { get; init; } = new();

    /// <summary>Where the grains' log goes, one line at a time with the simulated time; null for nowhere. It stays the caller's.</summary>
    public TextWriter? Log { get; init; }

    /// <summary>How what waits after the trace's end is given to end.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromDays(2);

    /// <summary>Stated with the results.</summary>
    public ImmutableArray<RunParameter> Parameters =>
    [
        new("loop", ClosedLoop ? "closed" : "open"),
        new("min_servers", Text(MinServers)),
        new("max_servers", Text(MaxServers)),
        new("buffer_servers", Text(Buffer)),
        new("subscription_limits", $"{Text(Limits.Gpus)},{Text(Limits.Cpus)},{Text(Limits.Memory)}"),
        new("provision_s", $"{Text(ProvisionTime.Mean)} (deviation {Text(ProvisionTime.Deviation)})"),
        new("removal_s", $"{Text(RemovalTime.Mean)} (deviation {Text(RemovalTime.Deviation)})"),
        new("lead_s", Text(Lead.TotalSeconds)),
        new("storage_write_s", Text(StorageWrite.TotalSeconds)),
        .. Model.Parameters,
        .. Faults.Parameters,
    ];

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
