using System.Text.Json;
using Notebook.Hosting;

namespace Notebook.Agent.Kernels;

/// <summary>
/// Finds what this server can start: the kernelspecs of its Pythons' Jupyter folders that run ipykernel, each
/// <c>--python</c> as a spec named after it, and always a <c>python3</c>; then those of kernels that are not ours, unless one of
/// that name is there already.
/// </summary>
internal sealed class KernelSpecs(PythonProbe probe, ILogger<KernelSpecs> log)
{
    private const string DefaultName = "python3";
    private const int MaxSpecs = 64;

    /// <summary>Finds the specs.</summary>
    /// <param name="pythons">The operator's Pythons, may be none.</param>
    /// <param name="folders">Where kernelspecs of kernels that are not ours are looked for; null for Jupyter's own folders.</param>
    /// <exception cref="UserException">No Python with ipykernel was found.</exception>
    public async Task<IReadOnlyList<LaunchableSpec>> FindAsync(IReadOnlyList<string> pythons, IReadOnlyList<string>? folders = null)
    {
        var named = await UsableAsync(pythons);
        var fallbacks = await UsableAsync(Candidates().Take(named.Count == 0 ? int.MaxValue : 1), quiet: true);
        var main = fallbacks.Concat(named).FirstOrDefault() ?? throw new UserException(
            $"no Python with ipykernel was found (looked at {string.Join(", ", pythons.Concat(Candidates()))}): install it with "
            + "'apt-get install python3-ipykernel', or name a Python that has it with --python PATH", ExitCodes.NoPython);

        var specs = new Dictionary<string, LaunchableSpec>();
        foreach (var python in named) specs.TryAdd(NameOf(python.Executable), Plain(NameOf(python.Executable), python));
        foreach (var folder in fallbacks.Concat(named).SelectMany(p => p.KernelspecFolders).Distinct())
        {
            foreach (var spec in Installed(folder, path => KernelSpecFile.Read(path, main.Executable)))
            {
                if (specs.Count == MaxSpecs || specs.ContainsKey(spec.Name)) continue;
                if ((await UsableAsync([spec.Python])).Count > 0) specs.Add(spec.Name, spec);
            }
        }

        specs.TryAdd(DefaultName, Plain(DefaultName, main));
        foreach (var folder in (folders ?? fallbacks.Concat(named).SelectMany(p => p.KernelspecFolders)).Distinct())
        {
            foreach (var spec in Installed(folder, path => Foreign(path, main.Executable)))
                if (specs.Count < MaxSpecs) specs.TryAdd(spec.Name, spec);
        }

        return [.. specs.Values];
    }

    /// <summary>A spec's name for a Python: its environment's folder, else its file name.</summary>
    internal static string NameOf(string executable)
    {
        var folder = Path.GetDirectoryName(executable) ?? "";
        var environment = Path.GetFileName(Path.GetDirectoryName(folder) ?? "");
        var name = Path.GetFileName(folder) == "bin" && environment is not ("" or "usr" or "local") ? environment : Path.GetFileName(executable);
        return string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
    }

    private static LaunchableSpec Plain(string name, PythonInfo python) => new(
        name,
        name == DefaultName ? "Python 3 (ipykernel)" : $"Python {python.Version} ({name})",
        python.Executable,
        [],
        [],
        python.KernelspecFolders.Select(folder => Path.Combine(folder, DefaultName)).FirstOrDefault(Directory.Exists) is { } logos
            ? KernelSpecFile.Resources(logos)
            : []);

    private static IEnumerable<string> Candidates() =>
    [
        "/usr/bin/python3",
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, DefaultName))
            .Where(path => path != "/usr/bin/python3" && File.Exists(path))
            .Distinct(),
    ];

    private LaunchableSpec? Foreign(string path, string python)
    {
        if (KernelSpecFile.ReadForeign(path, python) is not { Foreign: { } launch } spec) return null;
        if (IsThere(launch.Arguments[0])) return spec;
        log.LogWarning("Kernelspec {Path} cannot be used: there is no program {Program}", path, launch.Arguments[0]);
        return null;
    }

    private static bool IsThere(string program) => program.Contains('/', StringComparison.Ordinal)
        ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private IEnumerable<LaunchableSpec> Installed(string folder, Func<string, LaunchableSpec?> read)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var path in Directory.EnumerateDirectories(folder).Order().Where(p => File.Exists(Path.Combine(p, "kernel.json"))))
        {
            LaunchableSpec? spec = null;
            try
            {
                spec = read(path);
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                log.LogWarning("Kernelspec {Path} cannot be used: {Reason}", path, e.Message);
            }

            if (spec is not null) yield return spec;
        }
    }

    private async Task<List<PythonInfo>> UsableAsync(IEnumerable<string> executables, bool quiet = false)
    {
        var usable = new List<PythonInfo>();
        foreach (var executable in executables)
        {
            switch (await probe.AskAsync(executable))
            {
                case ProbeOutcome.Usable found:
                    usable.Add(found.Python);
                    if (quiet) return usable;   // the first will do
                    break;
                case ProbeOutcome.Unusable not when !quiet:
                    log.LogWarning("{Reason}", not.Reason);
                    break;
            }
        }

        return usable;
    }
}
