using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Cli.Setup;
using Notebook.Hosting;

namespace Notebook.Cli.Kernelspecs;

/// <summary>A Python that has jupyter_client: where it looks for packages and kernelspecs.</summary>
/// <param name="Path">The interpreter.</param>
/// <param name="JupyterClient">The version of its jupyter_client.</param>
/// <param name="UserSite">The user's packages; null where it does not look for any, as in a virtual environment.</param>
/// <param name="UserData">What the user has installed for Jupyter.</param>
/// <param name="PrefixSite">The packages of the prefix that was asked about.</param>
/// <param name="Prefix">That prefix; without one, its own.</param>
/// <param name="IsVirtual">Whether it is a virtual environment.</param>
internal sealed record JupyterPython(
    string Path, string JupyterClient, string? UserSite, string UserData, string PrefixSite, string Prefix, bool IsVirtual)
{
    private const string Look = """
        import json, os, site, sys, sysconfig
        prefix = os.path.realpath(sys.argv[1]) if len(sys.argv) > 1 else sys.prefix
        paths = {"base": prefix, "platbase": prefix}
        own = prefix in (os.path.realpath(sys.prefix), "/usr/local")
        try:
            import jupyter_client, jupyter_core.paths
            client, data = jupyter_client.__version__, jupyter_core.paths.jupyter_data_dir()
        except ImportError:
            client = data = None
        print(json.dumps({
            "client": client,
            "data": data,
            "user_site": site.getusersitepackages() if site.ENABLE_USER_SITE else None,
            "site": sysconfig.get_path("purelib") if own else sysconfig.get_path("purelib", "nt" if os.name == "nt" else "posix_prefix", paths),
            "prefix": prefix,
            "is_virtual": sys.prefix != sys.base_prefix,
        }))
        """;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>Finds the one to install for.</summary>
    /// <param name="named">The interpreter that the user named; null for the first that has jupyter_client.</param>
    /// <param name="prefix">The prefix that packages are to be installed in; null for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UserException">There is none.</exception>
    public static async Task<JupyterPython> FindAsync(string? named, string? prefix, TimeProvider time, CancellationToken cancel)
    {
        var candidates = named is not null ? [named] : Candidates(prefix).ToArray();
        foreach (var python in candidates)
        {
            if (await LookAtAsync(python, prefix, time, cancel) is not { } found)
            {
                if (named is not null) throw new UserException($"--python {named} cannot be run: name the Python interpreter of your Jupyter");
                continue;
            }

            if (found.JupyterClient.Length == 0)
            {
                if (named is not null) throw new UserException($"--python {named} has no jupyter_client: name the Python interpreter of your Jupyter");
                continue;
            }

            if (int.TryParse(found.JupyterClient.Split('.')[0], out var major) && major >= 7) return found;
            throw new UserException($"{python} has jupyter_client {found.JupyterClient}, kernel provisioners need 7 or later: update it, or name another Python with --python");
        }

        throw new UserException($"no Python with jupyter_client was found ({string.Join(", ", candidates)}): name the one of your Jupyter with --python");
    }

    // A prefix's own Python first, then as a shell finds them.
    private static IEnumerable<string> Candidates(string? prefix) =>
        ((string[])[.. prefix is null ? (string[])[] : [System.IO.Path.Combine(prefix, "bin", "python3")], .. Programs.OnPath("python3"), "/usr/bin/python3"])
            .Where(File.Exists).Distinct();

    private static async Task<JupyterPython?> LookAtAsync(string python, string? prefix, TimeProvider time, CancellationToken cancel)
    {
        var result = await Programs.RunAsync(python, ["-c", Look, .. prefix is null ? (string[])[] : [prefix]], Within, time, cancel);
        if (!result.Succeeded) return null;
        try
        {
            var found = JsonNode.Parse(result.Output)!;
            return new JupyterPython(
                python, (string?)found["client"] ?? "", (string?)found["user_site"], (string?)found["data"] ?? "",
                (string)found["site"]!, (string)found["prefix"]!, (bool)found["is_virtual"]!);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
