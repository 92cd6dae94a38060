using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Platform;

/// <summary>What <c>notebook up</c> was told of adding and removing servers; null where it was told nothing.</summary>
/// <param name="Provisioner"><c>process</c>, <c>command</c> or <c>none</c>.</param>
/// <param name="Command">The operator's command.</param>
/// <param name="Minimum">Servers at least; as many as agents unless said otherwise.</param>
/// <param name="Maximum">Servers at most.</param>
/// <param name="Interval">Seconds between decisions.</param>
/// <param name="Settling">Seconds that a server, or a new silo, is given before it counts.</param>
/// <param name="Buffer">Servers beyond the minimum.</param>
/// <param name="ServerGpus">GPUs of an added server; as many as an agent has unless said otherwise.</param>
internal sealed record UpScaling(string? Provisioner, string? Command, int? Minimum, int? Maximum, int? Interval, int? Settling, int? Buffer, int? ServerGpus)
{
    /// <summary>Nothing was said: the number of servers stays as it is.</summary>
    public static UpScaling None { get; } = new(null, null, null, null, null, null, null, null);

    private string By => Provisioner ?? (Command is null ? "process" : "command");

    /// <summary>Refuses what can be seen to be wrong before anything starts; the silo checks the rest.</summary>
    public void Check(UpSettings settings)
    {
        if (By is not ("process" or "command" or "none")) throw Usage($"--provisioner {By}: process, command or none");
        if (By == "command" && Command is null) throw Usage("--provisioner command: name the program with --provision-command PROGRAM");
        if (By != "command" && Command is not null) throw Usage($"--provision-command {Command} is of no use with --provisioner {By}: leave one of them out");
        if (Maximum < settings.Agents) throw Usage($"--max-servers {Maximum} is fewer than --agents {settings.Agents}");
        if (Minimum is < 0) throw Usage($"--min-servers {Minimum}: 0 or more");
        if (Minimum > (Maximum ?? settings.Agents)) throw Usage($"--min-servers {Minimum} is more than --max-servers {Maximum ?? settings.Agents}");
        if (Interval is < 1 or > 3600) throw Usage($"--scale-interval {Interval}: between 1 and 3600 seconds");
        if (Settling is < 0 or > 3600) throw Usage($"--scale-settling {Settling}: between 0 and 3600 seconds");
        if (Buffer is < 0 or > 10_000) throw Usage($"--scale-buffer {Buffer}: between 0 and 10000");
        if (ServerGpus is < 0 or > 1024) throw Usage($"--server-gpus {ServerGpus}: between 0 and 1024");
        if (By == "process" && Maximum > UpSettings.AgentsMax) throw Usage($"--max-servers {Maximum}: at most {UpSettings.AgentsMax} on one machine");
        if (IsOn(settings) && By == "none") throw Usage($"--max-servers {Maximum}: say by whom servers are added, with --provisioner process or --provision-command PROGRAM");
        if (IsOn(settings) && settings.Gpus == "auto" && ServerGpus is null)
            throw Usage($"--max-servers {Maximum} with --gpus auto: say with --server-gpus how many GPUs an added server has (simulated ones with --provisioner process)");
    }

    /// <summary>What the silo is told. It always can start servers of its own again: they may hold kernels' state.</summary>
    public ImmutableArray<string> SiloOptions(UpSettings settings, AgentLaunch launch) =>
    [
        "--provisioner", By,
        .. Command is { } command ? (string[])["--provision-command", command] : [],
        "--server-gpus", Number(ServerGpus ?? GpusOfAgents(settings.Gpus)),
        .. By == "process" ? launch.Options.Select(option => $"--agent-option={option}") : [],
        .. IsOn(settings)
            ? (string[])["--min-servers", Number(Minimum ?? settings.Agents), "--max-servers", Number(Maximum!.Value)]
            : [],
        .. Interval is { } interval ? (string[])["--scale-interval", Number(interval)] : [],
        .. Settling is { } settling ? (string[])["--scale-settling", Number(settling)] : [],
        .. Buffer is { } buffer ? (string[])["--scale-buffer", Number(buffer)] : [],
    ];

    /// <summary>The same for a supervisor in the background.</summary>
    public ImmutableArray<string> UpOptions =>
    [
        .. Provisioner is { } provisioner ? (string[])["--provisioner", provisioner] : [],
        .. Command is { } command ? (string[])["--provision-command", command] : [],
        .. Minimum is { } minimum ? (string[])["--min-servers", Number(minimum)] : [],
        .. Maximum is { } maximum ? (string[])["--max-servers", Number(maximum)] : [],
        .. Interval is { } interval ? (string[])["--scale-interval", Number(interval)] : [],
        .. Settling is { } settling ? (string[])["--scale-settling", Number(settling)] : [],
        .. Buffer is { } buffer ? (string[])["--scale-buffer", Number(buffer)] : [],
        .. ServerGpus is { } gpus ? (string[])["--server-gpus", Number(gpus)] : [],
    ];

    private bool IsOn(UpSettings settings) => Maximum > settings.Agents;

    private static int GpusOfAgents(string gpus) =>
        gpus.StartsWith("simulated:", StringComparison.Ordinal) ? int.Parse(gpus.AsSpan("simulated:".Length), CultureInfo.InvariantCulture) : 0;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static UserException Usage(string line) => new(line, ExitCodes.Usage);
}

/// <summary>The options behind <see cref="UpScaling"/>.</summary>
internal sealed class UpScalingOptions
{
    private readonly Option<string?> _provisioner = new("--provisioner") { Description = "Who adds servers: process (on this machine), command or none.", HelpName = "process|command|none" };
    private readonly Option<string?> _command = new("--provision-command") { Description = "A program that is run as 'PROGRAM add SERVER' and 'PROGRAM remove SERVER'.", HelpName = "PROGRAM" };
    private readonly Option<int?> _minimum = new("--min-servers") { Description = "Servers at least (default: as many as agents).", HelpName = "N" };
    private readonly Option<int?> _maximum = new("--max-servers") { Description = "Servers at most; more than agents: servers are added and removed as cells need GPUs.", HelpName = "N" };
    private readonly Option<int?> _interval = new("--scale-interval") { Description = "Seconds between two decisions on the number of servers.", HelpName = "SECONDS" };
    private readonly Option<int?> _settling = new("--scale-settling") { Description = "Seconds until a server that came up may be removed, and after the silo's start until servers are added.", HelpName = "SECONDS" };
    private readonly Option<int?> _buffer = new("--scale-buffer") { Description = "Servers to keep beyond the minimum.", HelpName = "N" };
    private readonly Option<int?> _serverGpus = new("--server-gpus") { Description = "GPUs of an added server.", HelpName = "N" };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public UpScalingOptions(Command command)
    {
        foreach (var option in (Option[])[_provisioner, _command, _minimum, _maximum, _interval, _settling, _buffer, _serverGpus]) command.Add(option);
    }

    /// <summary>What was said.</summary>
    public UpScaling Read(ParseResult parsed) => new(
        parsed.GetValue(_provisioner),
        parsed.GetValue(_command) is { } command && command.Contains('/') ? Path.GetFullPath(command) : parsed.GetValue(_command),
        parsed.GetValue(_minimum),
        parsed.GetValue(_maximum),
        parsed.GetValue(_interval),
        parsed.GetValue(_settling),
        parsed.GetValue(_buffer),
        parsed.GetValue(_serverGpus));
}
