using System.CommandLine;
using Notebook.Contracts;
using Notebook.Contracts.Policies;
using Notebook.Grains.Cluster;
using Notebook.Grains.Kernels;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Regimes;
using Notebook.Grains.Scaling;
using Notebook.Hosting;
using Notebook.Silo.Provisioning;

namespace Notebook.Silo;

/// <summary>The silo's command line.</summary>
internal sealed class SiloOptions
{
    private readonly ProcessOptions _process;
    private readonly OrleansOptions _orleans;
    private readonly ProvisioningOptions _provisioning;
    private readonly KernelOptions _kernels;
    private readonly Option<string> _tokenFile = new("--admin-token-file")
    {
        Description = "File with the token for operators (default: DATA/secrets/token).",
    };

    private readonly Option<string> _postgresFile = new("--postgres-file")
    {
        Description = "File with the connection string of PostgreSQL; for the Orleans build only.",
    };

    private readonly Option<string> _durability = new("--durability")
    {
        Description = "What a cell's reply waits for in kernels that ask for nothing else: state, or all for large values too.",
        DefaultValueFactory = _ => "state",
    };

    private readonly Option<string?> _standby = new("--standby")
    {
        Description = "What standbys do in kernels that ask for nothing else: hot (as without this option), warm or cold; the same as --policy standby=MODE.",
    };

    private readonly Option<string?> _prewarm = new("--prewarm")
    {
        Description = $"Kernel processes that each server keeps warm: {PrewarmChoice.Known}; the same as --policy prewarm=CHOICE.",
    };

    private readonly Option<string?> _reclaim = new("--reclaim")
    {
        Description = $"When idle kernels give their processes back: {ReclaimChoice.Known}; the same as --policy reclaim=CHOICE.",
    };

    private readonly Option<string?> _regime = new("--regime")
    {
        Description = $"A whole way of scheduling: {string.Join(", ", KnownRegimes.All)} (default: {KnownRegimes.Default}).",
    };

    private readonly Option<string[]> _policy = new("--policy")
    {
        Description = "Who decides what, as KIND=NAME; may be given for each kind ('notebook policies' lists them).",
    };

    private readonly Option<string?> _policies = new("--policies") { Description = "Folder with policy plug-ins." };

    private readonly Option<string?> _limits = new("--subscription-limits")
    {
        Description = "How far GPUs, CPUs and memory of a server may be promised more than once (default: 7,7,2).",
        HelpName = "GPUS,CPUS,MEMORY",
    };

    private readonly Option<bool> _initStorage = new("--init-storage")
    {
        Description = "Make the storage ready, and end; safe to run again.",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public SiloOptions(Command command)
    {
        _process = new ProcessOptions(command, "silo", "127.0.0.1:9000");
        foreach (var option in (Option[])[_tokenFile, _postgresFile, _durability, _standby, _prewarm, _reclaim, _regime, _policy, _policies, _limits, _initStorage]) command.Add(option);
        _orleans = new OrleansOptions(command);
        _provisioning = new ProvisioningOptions(command);
        _kernels = new KernelOptions(command);
    }

    /// <summary>What they amount to.</summary>
    public SiloSettings Read(ParseResult parsed)
    {
        var process = _process.Read(parsed);
        var (provisioning, scaling) = _provisioning.Read(parsed);
        var (culling, kernelLimits) = _kernels.Read(parsed);
        var standby = parsed.GetValue(_standby);
        if (standby is not null && KeepingWords.Standby(standby) is null) throw Usage(parsed, _standby, KeepingWords.Standbys);
        var prewarm = parsed.GetValue(_prewarm);
        if (prewarm is not null && PrewarmChoice.Parse(prewarm) is null) throw Usage(parsed, _prewarm, PrewarmChoice.Known);
        var reclaim = parsed.GetValue(_reclaim);
        if (reclaim is not null && ReclaimChoice.Parse(reclaim) is null) throw Usage(parsed, _reclaim, ReclaimChoice.Known);
        var limits = parsed.GetValue(_limits);
        return new SiloSettings(
            process,
            parsed.GetValue(_tokenFile) ?? process.Data.TokenFile,
            parsed.GetValue(_postgresFile),
            parsed.GetValue(_initStorage),
            new Keeping(
                KeepingWords.Durability(parsed.GetRequiredValue(_durability)) ?? throw Usage(parsed, _durability, KeepingWords.Durabilities),
                KeepingWords.Standby(standby ?? "hot")!.Value),
            _orleans.Read(parsed))
        {
            Policies = Plan(parsed),
            Limits = limits is null ? SubscriptionLimits.Default : SubscriptionLimits.Parse(limits) ?? throw Usage(parsed, _limits, SubscriptionLimits.Known),
            Provisioning = provisioning,
            Scaling = scaling,
            Culling = culling,
            KernelLimits = kernelLimits,
        };
    }

    /// <summary>A kind's own option is a choice like any other.</summary>
    private PolicyPlan Plan(ParseResult parsed)
    {
        try
        {
            return PolicyCatalog.Open(parsed.GetValue(_policies)).Plan(
            [
                .. parsed.GetValue(_policy) ?? [],
                .. PolicyKinds.Standby.Chosen(parsed.GetValue(_standby)),
                .. PolicyKinds.Prewarm.Chosen(parsed.GetValue(_prewarm)),
                .. PolicyKinds.Reclaim.Chosen(parsed.GetValue(_reclaim)),
            ], parsed.GetValue(_regime));
        }
        catch (PolicyException e)
        {
            throw new UserException(e.Message, ExitCodes.Usage);
        }
    }

    private static UserException Usage<T>(ParseResult parsed, Option<T> option, string known) =>
        new($"{option.Name} {parsed.GetValue(option)}: it must be {known}", ExitCodes.Usage);
}

/// <param name="Process">What all processes have.</param>
/// <param name="AdminTokenFile">The file with the operators' token.</param>
/// <param name="PostgresFile">The file with PostgreSQL's connection string; null where there is none.</param>
/// <param name="InitStorage">Whether to make the storage ready, and end.</param>
/// <param name="Keeping">How the state is kept of kernels that ask for nothing themselves.</param>
/// <param name="Orleans">Where other silos find this one.</param>
internal sealed record SiloSettings(
    ProcessSettings Process, string AdminTokenFile, string? PostgresFile, bool InitStorage, Keeping Keeping, OrleansEndpoint Orleans)
{
    /// <summary>Who decides what.</summary>
    public required PolicyPlan Policies { get; init; }

    /// <summary>How far resources may be promised more than once.</summary>
    public required SubscriptionLimits Limits { get; init; }

    /// <summary>Who makes servers.</summary>
    public required ProvisioningSettings Provisioning { get; init; }

    /// <summary>How many there may be.</summary>
    public required ScalingSettings Scaling { get; init; }

    /// <summary>Which kernels are ended since nobody uses them.</summary>
    public CullSettings Culling { get; init; } = CullSettings.Default;

    /// <summary>How many kernels there may be.</summary>
    public KernelLimits KernelLimits { get; init; } = KernelLimits.Default;
}
