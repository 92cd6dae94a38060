using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Notebook.Contracts;
using Notebook.Contracts.Policies;
using Notebook.Grains.Policies.Catalog;
using Notebook.Hosting;
using Limits = Notebook.Grains.Cluster.SubscriptionLimits;

namespace Notebook.Cli.Platform;

/// <summary>What <c>notebook up</c> was asked for.</summary>
/// <param name="Agents">How many GPU servers to make of this machine; none when all join from elsewhere.</param>
/// <param name="Gpus">Which GPUs each of them has.</param>
/// <param name="Port">Where the gateway listens.</param>
/// <param name="Token">The token to set; null to keep the one there is, or make one.</param>
/// <param name="Pythons">The user's own Pythons.</param>
/// <param name="Pool">Pre-warmed kernel processes for each server; null for the agent's default.</param>
/// <param name="Durability">What a cell's reply waits for in kernels that ask for nothing else; null for the silo's default.</param>
/// <param name="Standby">What standbys do in kernels that ask for nothing else; null for the silo's default.</param>
internal sealed partial record UpSettings(
    int Agents, string Gpus, int Port, string? Token, ImmutableArray<string> Pythons, int? Pool, string? Durability = null, string? Standby = null)
{
    /// <summary>Most bytes of large values on each server's disk; null for the agent's default.</summary>
    public long? MaxObjectsBytes { get; init; }

    /// <summary>Folders of kernelspecs that do not run ipykernel, as full paths, or <c>none</c>; empty for Jupyter's own.</summary>
    public ImmutableArray<string> KernelSpecs { get; init; } = [];

    /// <summary>How many kernel processes the servers keep warm; null for the silo's default.</summary>
    public string? Prewarm { get; init; }

    /// <summary>When idle kernels give their processes back; null for the silo's default.</summary>
    public string? Reclaim { get; init; }

    /// <summary>How far GPUs, CPUs and memory may be promised more than once, as <c>GPUS,CPUS,MEMORY</c>; null for the silo's default.</summary>
    public string? SubscriptionLimits { get; init; }

    /// <summary>How servers are added and removed.</summary>
    public UpScaling Scaling { get; init; } = UpScaling.None;

    /// <summary>How many kernels there may be, and for how long.</summary>
    public UpKernels Kernels { get; init; } = UpKernels.Default;

    /// <summary>The regime; null for the silo's default.</summary>
    public string? Regime { get; init; }

    /// <summary>Who decides what, each <c>KIND=NAME</c>.</summary>
    public ImmutableArray<string> Policies { get; init; } = [];

    /// <summary>The folder with policy plug-ins, as a full path; null for none.</summary>
    public string? PolicyFolder { get; init; }

    /// <summary>The same as arguments, for the silo.</summary>
    public ImmutableArray<string> PolicyArguments =>
    [
        .. Regime is { } regime ? (string[])["--regime", regime] : [],
        .. Policies.SelectMany(choice => (string[])["--policy", choice]),
        .. PolicyFolder is { } folder ? (string[])["--policies", folder] : [],
    ];

    public const int AgentsMax = 64;

    /// <summary>Refuses what can never work, before anything is started.</summary>
    public void Check()
    {
        if (Agents is < 0 or > AgentsMax) throw Usage($"--agents {Agents}: between 0 (agents join from elsewhere) and {AgentsMax}");
        if (Port is < 0 or > 65535) throw Usage($"--port {Port}: between 0 (a free one) and 65535");
        if (MaxObjectsBytes < 0) throw Usage($"--max-objects-bytes {MaxObjectsBytes}: 0 or more");
        if (Pool is < 0 or > 64) throw Usage($"--pool {Pool}: between 0 and 64");
        if (!GpusPattern().IsMatch(Gpus)) throw Usage($"--gpus {Gpus}: auto, none, or simulated:N such as simulated:8");
        if (Durability is not null && KeepingWords.Durability(Durability) is null) throw Usage($"--durability {Durability}: {KeepingWords.Durabilities}");
        if (Standby is not null && KeepingWords.Standby(Standby) is null) throw Usage($"--standby {Standby}: {KeepingWords.Standbys}");
        if (Prewarm is not null && PrewarmChoice.Parse(Prewarm) is null) throw Usage($"--prewarm {Prewarm}: {PrewarmChoice.Known}");
        if (Reclaim is not null && ReclaimChoice.Parse(Reclaim) is null) throw Usage($"--reclaim {Reclaim}: {ReclaimChoice.Known}");
        if (SubscriptionLimits is not null && Limits.Parse(SubscriptionLimits) is null) throw Usage($"--subscription-limits {SubscriptionLimits}: {Limits.Known}");
        Kernels.Check();
        Scaling.Check(this);
        if (Token is not null && !TokenPattern().IsMatch(Token))
            throw Usage("the token must be 8 to 200 letters, digits, '-', '_', '.' or '~', so that it fits into a URL");
        CheckPolicies();
    }

    private void CheckPolicies()
    {
        try
        {
            PolicyCatalog.Open(PolicyFolder).Plan([.. Policies, .. PolicyKinds.Standby.Chosen(Standby), .. PolicyKinds.Prewarm.Chosen(Prewarm)], Regime);
        }
        catch (PolicyException e)
        {
            throw Usage(e.Message);
        }
    }

    private static UserException Usage(string message) => new(message, ExitCodes.Usage);

    [GeneratedRegex(@"^(auto|none|simulated:[0-9]{1,3})$")]
    private static partial Regex GpusPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_.~-]{8,200}$")]
    private static partial Regex TokenPattern();
}
