using System.Collections.Immutable;
using System.CommandLine;
using Notebook.Cli.Platform;
using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook up</c>: the platform on this machine, until Ctrl-C or <c>notebook down</c>.</summary>
internal sealed class UpCommand(CommonOptions common, Installation installation, TimeProvider time)
{
    private readonly Option<int> _agents = new("--agents") { Description = "GPU servers to make of this machine; 0 when all join from elsewhere.", HelpName = "N", DefaultValueFactory = _ => 3 };
    private readonly Option<string> _gpus = new("--gpus") { Description = "GPUs of each server: auto, none, or simulated:N.", HelpName = "KIND", DefaultValueFactory = _ => "auto" };
    private readonly Option<int> _port = new("--port") { Description = "Port of the gateway; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 8888 };
    private readonly Option<string?> _token = new("--token") { Description = "The token for users; others can read it on this command line, --token-file is safer.", HelpName = "TOKEN" };
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "File with the token for users (default: one is made, and kept).", HelpName = "FILE" };
    private readonly Option<string[]> _python = new("--python") { Description = "A Python with ipykernel to run kernels in; may be given several times.", HelpName = "PATH" };
    private readonly Option<string[]> _kernelSpecs = new("--kernelspecs") { Description = "A folder of kernelspecs for other kernels than ipykernel, or none; may be given several times.", HelpName = "FOLDER" };
    private readonly Option<int?> _pool = new("--pool") { Description = "Pre-warmed kernel processes for each server.", HelpName = "N" };
    private readonly Option<string?> _durability = new("--durability") { Description = "What a cell's reply waits for: state, or all for large values too.", HelpName = "state|all" };
    private readonly Option<string?> _standby = new("--standby") { Description = "What a kernel's standbys do: hot, warm or cold.", HelpName = "hot|warm|cold" };
    private readonly Option<string?> _prewarm = new("--prewarm") { Description = "Kernel processes that each server keeps warm, as the control plane decides.", HelpName = "agent|fixed:N|minimum:N|littles-law" };
    private readonly Option<string?> _reclaim = new("--reclaim") { Description = "When idle kernels give their processes back; their state stays.", HelpName = "none|idle:TIME" };
    private readonly Option<string?> _regime = new("--regime") { Description = "A whole way of scheduling ('notebook policies' lists them).", HelpName = "NAME" };
    private readonly Option<string[]> _policy = new("--policy") { Description = "Who decides what; may be given for each kind ('notebook policies' lists them).", HelpName = "KIND=NAME" };
    private readonly Option<string?> _policies = new("--policies") { Description = "Folder with policy plug-ins.", HelpName = "FOLDER" };
    private readonly Option<string?> _limits = new("--subscription-limits") { Description = "How far GPUs, CPUs and memory of a server may be promised more than once.", HelpName = "GPUS,CPUS,MEMORY" };
    private readonly Option<long?> _maxObjectsBytes = new("--max-objects-bytes") { Description = "Most bytes of large values to keep on each server's disk.", HelpName = "N" };
    private readonly Option<bool> _detach = new("--detach") { Description = "Return once it is ready; it goes on in the background." };
    private readonly Option<bool> _background = new("--background") { Hidden = true };
    private UpScalingOptions _scaling = null!;   // with the command that they are options of
    private UpKernelOptions _kernels = null!;

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("up", "Start the platform on this machine: silo, gateway, and agents as GPU servers.")
        {
            _agents, _gpus, _port, _token, _tokenFile, _python, _kernelSpecs, _pool, _durability, _standby, _prewarm, _reclaim, _regime, _policy, _policies, _limits, _maxObjectsBytes, _detach, _background,
        };
        _scaling = new UpScalingOptions(command);
        _kernels = new UpKernelOptions(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var settings = Settings(parsed);
        settings.Check();
        var data = common.OpenData(parsed);
        using var signals = new StopSignals();

        using var held = DataLock.TryTake(data);
        if (held is null) return await AlreadyUpAsync(data, signals.Token);
        if (parsed.GetValue(_detach))
        {
            held.Dispose();
            if (settings.Token is not null) Secrets.Prepare(data, settings.Token);   // by file, not on one more command line
            return await new DetachedStart(installation, time).RunAsync(BackgroundArguments(settings, data), signals.Token);
        }

        if (parsed.GetValue(_background)) Posix.NewSession();
        await new PlatformStart(installation, data, time).RunAsync(settings, () => { Screen.Print(RunRecord.Read(data)!, data, installation.DefaultData); return Task.CompletedTask; }, signals.Token);
        return ExitCodes.Ok;
    }

    private UpSettings Settings(ParseResult parsed) => new(
        parsed.GetValue(_agents),
        parsed.GetRequiredValue(_gpus),
        parsed.GetValue(_port),
        parsed.GetValue(_token) ?? (parsed.GetValue(_tokenFile) is { } file ? Secrets.ReadToken(file) : null),
        [.. parsed.GetValue(_python) ?? []],
        parsed.GetValue(_pool),
        parsed.GetValue(_durability),
        parsed.GetValue(_standby))
    {
        Regime = parsed.GetValue(_regime),
        Policies = [.. parsed.GetValue(_policy) ?? []],
        PolicyFolder = parsed.GetValue(_policies) is { } folder ? Path.GetFullPath(folder) : null,
        KernelSpecs = [.. (parsed.GetValue(_kernelSpecs) ?? []).Select(folder => folder == "none" ? folder : Path.GetFullPath(folder))],
        MaxObjectsBytes = parsed.GetValue(_maxObjectsBytes),
        Prewarm = parsed.GetValue(_prewarm),
        Reclaim = parsed.GetValue(_reclaim),
        SubscriptionLimits = parsed.GetValue(_limits),
        Scaling = _scaling.Read(parsed),
        Kernels = _kernels.Read(parsed),
    };

    private static ImmutableArray<string> BackgroundArguments(UpSettings settings, DataDirectory data) =>
    [
        "up", "--background", "--data", data.Root, "--agents", $"{settings.Agents}", "--gpus", settings.Gpus, "--port", $"{settings.Port}",
        .. settings.Pythons.SelectMany(python => (string[])["--python", python]),
        .. settings.KernelSpecs.SelectMany(folder => (string[])["--kernelspecs", folder]),
        .. settings.Pool is { } pool ? (string[])["--pool", $"{pool}"] : [],
        .. settings.Durability is { } durability ? (string[])["--durability", durability] : [],
        .. settings.Standby is { } standby ? (string[])["--standby", standby] : [],
        .. settings.Prewarm is { } prewarm ? (string[])["--prewarm", prewarm] : [],
        .. settings.Reclaim is { } reclaim ? (string[])["--reclaim", reclaim] : [],
        .. settings.SubscriptionLimits is { } limits ? (string[])["--subscription-limits", limits] : [],
        .. settings.PolicyArguments,
        .. settings.MaxObjectsBytes is { } bytes ? (string[])["--max-objects-bytes", $"{bytes}"] : [],
        .. settings.Kernels.Arguments,
        .. settings.Scaling.UpOptions,
    ];

    private async Task<int> AlreadyUpAsync(DataDirectory data, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync($"already running with the data directory {data.Root}");
        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < TimeSpan.FromSeconds(120); await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop))
        {
            if (RunRecord.Read(data) is not { Ready: true, IsSupervised: true } record) continue;
            Screen.Print(record, data, installation.DefaultData);
            return ExitCodes.Ok;
        }

        throw new UserException("the platform that runs is not ready after 120 s: 'notebook status' shows what it does, 'notebook down' ends it");
    }
}
