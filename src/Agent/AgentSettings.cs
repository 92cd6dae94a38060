using System.CommandLine;
using Notebook.Agent.State;
using Notebook.Gpu;
using Notebook.Hosting;
using Notebook.Objects;

namespace Notebook.Agent;

/// <summary>What an agent is set up with.</summary>
/// <param name="Process">What every process of ours is set up with.</param>
/// <param name="Silos">Where silos listen.</param>
/// <param name="Advertise">Where gateways and other agents reach this agent; null for the listening address.</param>
/// <param name="Gpus">The server's GPUs.</param>
/// <param name="Pythons">The operator's own Pythons.</param>
/// <param name="Pool">Warm processes to keep for each kernelspec.</param>
internal sealed record AgentSettings(
    ProcessSettings Process, IReadOnlyList<Uri> Silos, Uri? Advertise, IGpuDevices Gpus, IReadOnlyList<string> Pythons, int Pool)
{
    /// <summary>For how long a standby that was used stays as it is.</summary>
    public TimeSpan RestAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where kernelspecs of kernels that are not ours are looked for; null for Jupyter's own folders.</summary>
    public IReadOnlyList<string>? KernelSpecFolders { get; init; }

    /// <summary>What it keeps of the kernels' states.</summary>
    public StateOptions State { get; init; } = new();
}

/// <summary>The agent's command line.</summary>
internal sealed class AgentOptions
{
    private const int MaxPool = 64;
    private const int MaxRestAfter = 86_400;
    private readonly ProcessOptions _process;

    private readonly Option<string> _silo = new("--silo")
    {
        Description = "Addresses of silos, ws://HOST:PORT/, with commas between them.",
        Required = true,
    };

    private readonly Option<string?> _advertise = new("--advertise")
    {
        Description = "Where gateways and other agents reach this agent, ws://HOST:PORT/ (default: where it listens).",
    };

    private readonly Option<string> _gpus = new("--gpus")
    {
        Description = "auto (what the NVIDIA driver has), none, or simulated:N.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string[]> _python = new("--python")
    {
        Description = "A Python to offer as a kernel, with ipykernel; may be repeated.",
    };

    private readonly Option<string[]> _kernelSpecs = new("--kernelspecs")
    {
        Description = "A folder of kernelspecs to offer that do not run ipykernel, or none; may be repeated (default: Jupyter's own folders).",
    };

    private readonly Option<int> _pool = new("--pool")
    {
        Description = "Kernel processes to keep warm for each kernelspec.",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<int> _restAfter = new("--rest-after")
    {
        Description = "Seconds for which a warm or cold standby that was used keeps its process up to date.",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<long> _maxObjectsBytes = new("--max-objects-bytes")
    {
        Description = "Most bytes of kernels' large values to keep on this server's disk.",
        DefaultValueFactory = _ => new ObjectStoreOptions().MaxDiskBytes,
    };

    public AgentOptions(Command command)
    {
        _process = new(command, "agent", "127.0.0.1:0");
        foreach (var option in (Option[])[_silo, _advertise, _gpus, _python, _kernelSpecs, _pool, _restAfter, _maxObjectsBytes]) command.Add(option);
    }

    /// <exception cref="UserException">An option makes no sense.</exception>
    public AgentSettings Read(ParseResult parsed)
    {
        var process = _process.Read(parsed);
        var silos = parsed.GetRequiredValue(_silo).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (silos.Length == 0) throw new UserException("--silo names no silo", ExitCodes.Usage);
        var pool = parsed.GetValue(_pool);
        if (pool is < 0 or > MaxPool) throw new UserException($"--pool {pool} is not from 0 to {MaxPool}", ExitCodes.Usage);
        var restAfter = parsed.GetValue(_restAfter);
        if (restAfter is < 1 or > MaxRestAfter) throw new UserException($"--rest-after {restAfter} is not from 1 to {MaxRestAfter}", ExitCodes.Usage);
        var maxObjectsBytes = parsed.GetValue(_maxObjectsBytes);
        if (maxObjectsBytes < 0) throw new UserException($"--max-objects-bytes {maxObjectsBytes} is negative", ExitCodes.Usage);
        try
        {
            return new(
                process,
                [.. silos.Select(silo => Address("--silo", silo))],
                parsed.GetValue(_advertise) is { } advertise ? Address("--advertise", advertise) : null,
                GpuChoice.Open(parsed.GetRequiredValue(_gpus), process.Self.Id),
                parsed.GetValue(_python) ?? [],
                pool)
            {
                RestAfter = TimeSpan.FromSeconds(restAfter),
                KernelSpecFolders = Folders(parsed.GetValue(_kernelSpecs) ?? []),
                State = new StateOptions { Objects = new ObjectStoreOptions { MaxDiskBytes = maxObjectsBytes } },
            };
        }
        catch (FormatException e)
        {
            throw new UserException(e.Message, ExitCodes.Usage);
        }
        catch (GpuException e)
        {
            throw new UserException($"{e.Message} (--gpus none goes without GPUs)", ExitCodes.Failed);
        }
    }

    private static string[]? Folders(string[] named)
    {
        if (named.Length == 0) return null;
        if (named is ["none"]) return [];
        return Array.Find(named, folder => !Directory.Exists(folder)) is { } missing
            ? throw new UserException($"--kernelspecs {missing} is no folder (or 'none' alone)", ExitCodes.Usage)
            : named;
    }

    private static Uri Address(string option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss"
            ? uri
            : throw new UserException($"{option} {text} is no ws://HOST:PORT/", ExitCodes.Usage);
}
