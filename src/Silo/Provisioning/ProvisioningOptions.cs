using System.Collections.Immutable;
using System.CommandLine;
using Notebook.Grains.Scaling;
using Notebook.Hosting;

namespace Notebook.Silo.Provisioning;

/// <summary>Who makes servers, and what they are like.</summary>
/// <param name="Provisioner"><c>process</c>, <c>command</c> or <c>none</c>.</param>
/// <param name="Command">The operator's command, where that is the provisioner.</param>
/// <param name="ServerGpus">GPUs of a server that is made.</param>
/// <param name="AgentOptions">What agents are told that run on this machine.</param>
internal sealed record ProvisioningSettings(string Provisioner, string? Command, int ServerGpus, ImmutableArray<string> AgentOptions);

/// <summary>The options behind <see cref="ProvisioningSettings"/> and <see cref="ScalingSettings"/>.</summary>
internal sealed class ProvisioningOptions
{
    private const int MaxServers = 10_000;
    private const int MaxGpus = 1024;

    private readonly Option<string?> _provisioner = new("--provisioner")
    {
        Description = "Who adds and removes servers: process (agents on this machine), command (see --provision-command), or none.",
        HelpName = "process|command|none",
    };

    private readonly Option<string?> _command = new("--provision-command")
    {
        Description = "A program that is run as 'PROGRAM add SERVER' and 'PROGRAM remove SERVER'.",
        HelpName = "PROGRAM",
    };

    private readonly Option<int> _minimum = new("--min-servers") { Description = "Servers that there are to be at least.", HelpName = "N" };
    private readonly Option<int> _maximum = new("--max-servers") { Description = "Servers that there may be at most; 0 leaves their number alone.", HelpName = "N" };

    private readonly Option<int> _interval = new("--scale-interval")
    {
        Description = "Seconds between two decisions on the number of servers.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<int> _settling = new("--scale-settling")
    {
        Description = "Seconds until a server that came up may be removed, and after the silo's start until servers are added.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<int> _buffer = new("--scale-buffer")
    {
        Description = "Servers to keep beyond the minimum, whatever the demand.",
        HelpName = "N",
        DefaultValueFactory = _ => new ScalingSettings().Buffer,
    };

    private readonly Option<int> _serverGpus = new("--server-gpus") { Description = "GPUs of a server that is added.", HelpName = "N" };

    private readonly Option<string[]> _agentOption = new("--agent-option")
    {
        Description = "One more argument for agents on this machine, such as --agent-option=--pool=1; may be repeated.",
        HelpName = "ARGUMENT",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public ProvisioningOptions(Command command)
    {
        foreach (var option in (Option[])[_provisioner, _command, _minimum, _maximum, _interval, _settling, _buffer, _serverGpus, _agentOption]) command.Add(option);
    }

    /// <summary>What they amount to.</summary>
    /// <exception cref="UserException">They make no sense.</exception>
    public (ProvisioningSettings Provisioning, ScalingSettings Scaling) Read(ParseResult parsed)
    {
        var gpus = InRange(parsed, _serverGpus, 0, MaxGpus);
        var command = parsed.GetValue(_command);
        var provisioner = parsed.GetValue(_provisioner) ?? (command is null ? "none" : "command");
        if (provisioner is not ("process" or "command" or "none")) throw Usage($"--provisioner {provisioner}: process, command or none");
        if (provisioner == "command") CheckCommand(command);
        else if (command is not null) throw Usage($"--provision-command {command} is of no use with --provisioner {provisioner}: leave one of them out");

        var minimum = InRange(parsed, _minimum, 0, MaxServers);
        var maximum = InRange(parsed, _maximum, 0, MaxServers);
        if (maximum > 0 && provisioner == "none") throw Usage($"--max-servers {maximum}: say by whom servers are added, with --provisioner process or --provision-command PROGRAM");
        if (maximum == 0 && minimum > 0) throw Usage($"--min-servers {minimum}: say with --max-servers how many there may be at most");
        if (minimum > maximum) throw Usage($"--min-servers {minimum} is more than --max-servers {maximum}");
        return (
            new(provisioner, command, gpus, [.. parsed.GetValue(_agentOption) ?? []]),
            new()
            {
                Minimum = minimum,
                Maximum = maximum,
                Buffer = InRange(parsed, _buffer, 0, MaxServers),
                GpusPerServer = gpus,
                Interval = TimeSpan.FromSeconds(InRange(parsed, _interval, 1, 3600)),
                Settling = TimeSpan.FromSeconds(InRange(parsed, _settling, 0, 3600)),
            });
    }

    private static void CheckCommand(string? command)
    {
        if (command is null) throw Usage("--provisioner command: name the program with --provision-command PROGRAM");
        if (!command.Contains('/')) return;   // found by the system's search path
        if (!File.Exists(command)) throw Usage($"--provision-command {command}: there is no such file");
        const UnixFileMode runs = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(command) & runs) == 0)
            throw Usage($"--provision-command {command} cannot be run: 'chmod +x' it");
    }

    private static int InRange(ParseResult parsed, Option<int> option, int least, int most) =>
        parsed.GetValue(option) is var value && value >= least && value <= most ? value : throw Usage($"{option.Name} {value}: between {least} and {most}");

    private static UserException Usage(string line) => new(line, ExitCodes.Usage);
}
