using System.CommandLine;
using System.Globalization;
using Notebook.Grains.Cluster;
using Notebook.Grains.Regimes;
using Notebook.Simulator.Results;

namespace Notebook.Cli.Simulation;

/// <summary>The options behind <see cref="SimulationSettings"/>.</summary>
internal sealed class SimulateOptions
{
    private const int ServersMax = 100_000;
    private const int ReplicasMax = 15;
    private const double Day = 86_400;

    private readonly Argument<string?> _trace = new("trace") { Description = "The trace to play, a CSV file (docs/simulator.md).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _synthetic = new("--synthetic") { Description = "A made-up trace in place of a file, with the statistics of a real month.", HelpName = "SESSIONS,LENGTH[,CELLS]" };
    private readonly Option<string?> _window = new("--window") { Description = "The part of the trace to play, such as 350h+17.5h (default: all).", HelpName = "START+LENGTH" };
    private readonly Option<string[]> _regime = new("--regime") { Description = "Ways of scheduling, compared with each other ('notebook policies' lists them).", HelpName = "NAME,..." };
    private readonly Option<string[]> _policy = new("--policy") { Description = "Who decides what, in all runs; may be given for each kind.", HelpName = "KIND=NAME" };
    private readonly Option<string?> _policies = new("--policies") { Description = "Folder with policy plug-ins.", HelpName = "FOLDER" };
    private readonly Option<string?> _seed = new("--seed") { Description = "What all chance comes from (default: 1).", HelpName = "N" };
    private readonly Option<string?> _minServers = new("--min-servers") { Description = "Servers at least, there from the beginning.", HelpName = "N" };
    private readonly Option<string?> _maxServers = new("--max-servers") { Description = "Servers at most.", HelpName = "N" };
    private readonly Option<string?> _buffer = new("--scale-buffer") { Description = "Servers that the scaling policy notebookos keeps beyond the minimum.", HelpName = "N" };
    private readonly Option<string?> _gpus = new("--gpus-per-server") { Description = "GPUs of a server.", HelpName = "N" };
    private readonly Option<string?> _provision = new("--provision-time") { Description = "Seconds until a server that is asked for is there, and their standard deviation.", HelpName = "MEAN,DEVIATION" };
    private readonly Option<string?> _removal = new("--removal-time") { Description = "Seconds until a server that is given back is gone, and their standard deviation.", HelpName = "MEAN,DEVIATION" };
    private readonly Option<string?> _replicas = new("--replicas") { Description = "Replicas of a kernel, in all runs (default: the regime's).", HelpName = "N" };
    private readonly Option<string?> _limits = new("--subscription-limits") { Description = "How far GPUs, CPUs and memory of a server may be promised more than once.", HelpName = "GPUS,CPUS,MEMORY" };
    private readonly Option<string?> _state = new("--state-size") { Description = "Bytes of a kernel's variables, the median, such as 512MB.", HelpName = "BYTES" };
    private readonly Option<string?> _gpuState = new("--gpu-state-size") { Description = "Bytes that a kernel has on each of its GPUs, the median, such as 4GB.", HelpName = "BYTES" };
    private readonly Option<string?> _pool = new("--pool") { Description = "Kernel processes that a server keeps warm where no policy says otherwise.", HelpName = "N" };
    private readonly Option<string?> _faults = new("--faults") { Description = $"What goes wrong: all (a little of each), or with commas between {FaultChoice.Names}, each with its rate an hour or its share.", HelpName = "all|NAME=RATE,..." };
    private readonly Option<bool> _closed = new("--closed-loop") { Description = "A cell that is late delays its session's later ones, as a person would." };
    private readonly Option<string?> _prices = new("--prices") { Description = "What a GPU-hour of a server costs, and what users pay for one in use and one on standby, in that price (default: 1,1.15,0.125).", HelpName = "SERVER,USE,STANDBY" };
    private readonly Option<string?> _log = new("--log") { Description = "Where to write what the grains log, with the simulated time; for one regime.", HelpName = "FILE" };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public SimulateOptions(Command command)
    {
        command.Add(_trace);
        foreach (var option in (Option[])
            [_synthetic, _window, _regime, _policy, _policies, _seed, _minServers, _maxServers, _buffer, _gpus, _provision, _removal, _replicas, _limits, _state, _gpuState, _pool, _faults, _closed, _prices, _log])
        {
            command.Add(option);
        }
    }

    /// <summary>What was said.</summary>
    /// <exception cref="Hosting.UserException">An option cannot be understood.</exception>
    public SimulationSettings Read(ParseResult parsed)
    {
        var regimes = (parsed.GetValue(_regime) ?? []).SelectMany(names => names.Split(',')).ToList();
        var settings = new SimulationSettings
        {
            Trace = new TraceChoice(parsed.GetValue(_trace), parsed.GetValue(_synthetic), parsed.GetValue(_window)),
            Regimes = regimes.Count == 0 ? [KnownRegimes.Default.Name] : [.. regimes],
            Policies = [.. parsed.GetValue(_policy) ?? []],
            PolicyFolder = parsed.GetValue(_policies) is { } folder ? Path.GetFullPath(folder) : null,
            Seed = Whole(_seed, 0, int.MaxValue) ?? 1,
            MinServers = Whole(_minServers, 0, ServersMax),
            MaxServers = Whole(_maxServers, 1, ServersMax),
            Buffer = Whole(_buffer, 0, ServersMax),
            GpusPerServer = Whole(_gpus, 1, 1024),
            ProvisionTime = Seconds(_provision),
            RemovalTime = Seconds(_removal),
            Replicas = Whole(_replicas, 1, ReplicasMax),
            Limits = Limits(parsed.GetValue(_limits)),
            StateBytes = OptionText.Bytes(_state.Name, parsed.GetValue(_state)),
            GpuStateBytes = OptionText.Bytes(_gpuState.Name, parsed.GetValue(_gpuState)),
            Pool = Whole(_pool, 0, 64),
            Faults = FaultChoice.Read(_faults.Name, parsed.GetValue(_faults)),
            ClosedLoop = parsed.GetValue(_closed),
            Prices = Prices(parsed.GetValue(_prices)),
            LogFile = parsed.GetValue(_log),
        };
        if (settings.LogFile is not null && settings.Regimes.Length > 1)
            throw OptionText.Usage(string.Create(CultureInfo.InvariantCulture, $"--log {settings.LogFile}: the log of one regime, and {settings.Regimes.Length} are named: choose one with --regime"));
        return settings;

        int? Whole(Option<string?> option, int least, int most) => OptionText.Whole(option.Name, parsed.GetValue(option), least, most);

        (double, double)? Seconds(Option<string?> option) =>
            OptionText.Numbers(option.Name, parsed.GetValue(option), option.HelpName!, 0, Day) is [var mean, var deviation] ? (mean, deviation) : null;
    }

    private SubscriptionLimits? Limits(string? text) =>
        text is null ? null : SubscriptionLimits.Parse(text) ?? throw OptionText.Usage($"{_limits.Name} {text}: {SubscriptionLimits.Known}");

    private PriceModel Prices(string? text) =>
        OptionText.Numbers(_prices.Name, text, _prices.HelpName!, 0, 1e6) is [var server, var use, var standby] ? new PriceModel(server, use, standby) : new PriceModel();
}
