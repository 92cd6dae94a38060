using System.CommandLine;
using Notebook.Contracts;
using Notebook.Contracts.Policies;
using Notebook.Grains.Policies;
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

    private readonly Option<string> _standby = new("--standby")
    {
        Description = "What standbys do in kernels that ask for nothing else: hot, warm or cold.",
        DefaultValueFactory = _ => "hot",
    };

    private readonly Option<string> _prewarm = new("--prewarm")
    {
        Description = $"Kernel processes that each server keeps warm: {PrewarmChoice.Known}.",
        DefaultValueFactory = _ => PrewarmChoice.Default.ToString(),
    };

    private readonly Option<bool> _initStorage = new("--init-storage")
    {
        Description = "Make the storage ready, and end; safe to run again.",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public SiloOptions(Command command)
    {
        _process = new ProcessOptions(command, "silo", "127.0.0.1:9000");
        foreach (var option in (Option[])[_tokenFile, _postgresFile, _durability, _standby, _prewarm, _initStorage]) command.Add(option);
        _orleans = new OrleansOptions(command);
        _provisioning = new ProvisioningOptions(command);
    }

    /// <summary>What they amount to.</summary>
    public SiloSettings Read(ParseResult parsed)
    {
        var process = _process.Read(parsed);
        var (provisioning, scaling, rule) = _provisioning.Read(parsed);
        return new SiloSettings(
            process,
            parsed.GetValue(_tokenFile) ?? process.Data.TokenFile,
            parsed.GetValue(_postgresFile),
            parsed.GetValue(_initStorage),
            new Keeping(
                KeepingWords.Durability(parsed.GetRequiredValue(_durability)) ?? throw Usage(parsed, _durability, KeepingWords.Durabilities),
                KeepingWords.Standby(parsed.GetRequiredValue(_standby)) ?? throw Usage(parsed, _standby, KeepingWords.Standbys)),
            _orleans.Read(parsed))
        {
            Prewarm = PrewarmChoice.Parse(parsed.GetRequiredValue(_prewarm)) ?? throw Usage(parsed, _prewarm, PrewarmChoice.Known),
            Provisioning = provisioning,
            Scaling = scaling,
            ScalingRule = rule,
        };
    }

    private static UserException Usage(ParseResult parsed, Option<string> option, string known) =>
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
    /// <summary>How many processes the servers keep warm.</summary>
    public PrewarmChoice Prewarm { get; init; } = PrewarmChoice.Default;

    /// <summary>Who makes servers.</summary>
    public required ProvisioningSettings Provisioning { get; init; }

    /// <summary>How many there may be.</summary>
    public required ScalingSettings Scaling { get; init; }

    /// <summary>The figures of the scaling rule.</summary>
    public required DemandScalingOptions ScalingRule { get; init; }
}
