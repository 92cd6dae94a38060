using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Notebook.Hosting;

namespace Notebook.Cli.Setup;

/// <summary>What agents need of this machine to run kernels.</summary>
/// <param name="Interpreters">The Pythons to offer, best first.</param>
/// <param name="Environment">What to add to the environment of the platform's processes.</param>
internal sealed record PythonReady(ImmutableArray<string> Interpreters, ImmutableDictionary<string, string> Environment);

/// <summary>Finds a Python with ipykernel and a libzmq, or installs them. Decisions are <see cref="PythonChoice"/>'s.</summary>
internal sealed class PythonSetup(DataDirectory data, TimeProvider time, Action<string> say)
{
    /// <summary>The variable that names another libzmq than the system's.</summary>
    public const string LibZmqVariable = "NOTEBOOK_LIBZMQ";

    private static readonly TimeSpan ProbeWithin = TimeSpan.FromSeconds(30);
    private static readonly string[] DebianPackages = ["python3-ipykernel", "libzmq5"];

    private string VenvPython => Path.Combine(data.Root, "python", "bin", "python");

    /// <summary>Makes sure that kernels can run.</summary>
    /// <param name="named">What the user named by <c>--python</c>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UserException">They cannot, and why.</exception>
    public async Task<PythonReady> PrepareAsync(ImmutableArray<string> named, CancellationToken cancel)
    {
        var interpreters = await InterpretersAsync(named, cancel);
        return new PythonReady(interpreters, await LibZmqAsync(interpreters[0], cancel) is { } file
            ? ImmutableDictionary<string, string>.Empty.Add(LibZmqVariable, file)
            : ImmutableDictionary<string, string>.Empty);
    }

    private async Task<ImmutableArray<string>> InterpretersAsync(ImmutableArray<string> named, CancellationToken cancel)
    {
        // Each way is gone once: after an installation we look again, and a second time it cannot be missing.
        for (var installed = false; ; installed = true)
        {
            var decision = PythonChoice.Decide(
                await LookAtAsync(named, cancel),
                named.IsEmpty ? await LookAtAsync(Candidates(), cancel) : [],
                installed ? new MachineMeans(false, Debian.HasApt, null) : await MeansAsync(cancel));
            switch (decision)
            {
                case PythonDecision.Use(var use):
                    return use;
                case PythonDecision.InstallFromDebian:
                    await new Debian(time, say).RequireAsync(DebianPackages, ExitCodes.NoPython, cancel);
                    break;
                case PythonDecision.MakeVenv(var python):
                    await MakeVenvAsync(python, cancel);
                    break;
                case PythonDecision.Refuse(var reason):
                    throw new UserException(reason, ExitCodes.NoPython);
            }
        }
    }

    private IEnumerable<string> Candidates() =>
        ((string[])["/usr/bin/python3", VenvPython]).Concat(Programs.OnPath("python3")).Where(File.Exists).Distinct();

    private async Task<ImmutableArray<PythonFinding>> LookAtAsync(IEnumerable<string> pythons, CancellationToken cancel)
    {
        const string probe = "import importlib.util as u, sys; sys.exit(0 if u.find_spec('ipykernel') else 9)";
        var findings = ImmutableArray.CreateBuilder<PythonFinding>();
        foreach (var python in pythons)
        {
            var path = python.Contains('/') ? Path.GetFullPath(python) : Programs.OnPath(python).FirstOrDefault() ?? python;
            var result = await Programs.RunAsync(path, ["-c", probe], ProbeWithin, time, cancel);
            findings.Add(new PythonFinding(path, result.ExitCode is 0 or 9, result.Succeeded));
        }

        return findings.ToImmutable();
    }

    private async Task<MachineMeans> MeansAsync(CancellationToken cancel)
    {
        foreach (var python in Candidates())
        {
            var result = await Programs.RunAsync(python, ["-c", "import venv, ensurepip"], ProbeWithin, time, cancel);
            if (result.Succeeded) return new MachineMeans(Environment.IsPrivilegedProcess, Debian.HasApt, python);
        }

        return new MachineMeans(Environment.IsPrivilegedProcess, Debian.HasApt, null);
    }

    private async Task MakeVenvAsync(string python, CancellationToken cancel)
    {
        var folder = Path.Combine(data.Root, "python");
        say($"making a Python with ipykernel in {folder} (pip)...");
        var venv = await Programs.RunAsync(python, ["-m", "venv", folder], TimeSpan.FromMinutes(5), time, cancel);
        var pip = venv.Succeeded
            ? await Programs.RunAsync(VenvPython, ["-m", "pip", "install", "--quiet", "ipykernel"], TimeSpan.FromMinutes(15), time, cancel)
            : venv;
        if (!pip.Succeeded)
            throw new UserException(
                $"could not make a Python with ipykernel in {folder}: {pip.LastLine} (name one that has it with --python PATH)", ExitCodes.NoPython);
    }

    /// <summary>The libzmq to name to the processes; null when they find the system's by themselves.</summary>
    private async Task<string?> LibZmqAsync(string python, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable(LibZmqVariable) is { Length: > 0 } named)
            return Loads(named) ? named : throw new UserException($"{LibZmqVariable}={named} cannot be loaded: name a libzmq.so.5", ExitCodes.NoPython);
        if (Loads("libzmq.so.5")) return null;

        if (await BundledAsync(python, cancel) is { } bundled) return bundled;
        if (!Debian.CanInstall)
            throw new UserException("libzmq.so.5 was not found: install libzmq5 (Debian, Ubuntu) or zeromq, or pyzmq from PyPI, which brings one", ExitCodes.NoPython);
        await new Debian(time, say).RequireAsync(["libzmq5"], ExitCodes.NoPython, cancel);
        return null;
    }

    // Wheels of pyzmq bring libzmq along, in a folder beside the package.
    private async Task<string?> BundledAsync(string python, CancellationToken cancel)
    {
        const string where = "import os, zmq; print(os.path.dirname(os.path.dirname(zmq.__file__)))";
        var result = await Programs.RunAsync(python, ["-c", where], ProbeWithin, time, cancel);
        if (!result.Succeeded) return null;
        var site = result.Output.Trim();
        return ((string[])["pyzmq.libs", "zmq.libs", "zmq/.libs", "zmq"])
            .Select(folder => Path.Combine(site, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "libzmq*.so*"))
            .FirstOrDefault(Loads);
    }

    private static bool Loads(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle)) return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
