using Notebook.Hosting;

namespace Notebook.Cli.Setup;

/// <summary>Installs packages of Debian (or one of its kind), as root.</summary>
internal sealed class Debian(TimeProvider time, Action<string> say)
{
    private static readonly Dictionary<string, string> Quietly = new() { ["DEBIAN_FRONTEND"] = "noninteractive" };

    /// <summary>Whether we are root on such a machine.</summary>
    public static bool CanInstall => Environment.IsPrivilegedProcess && HasApt;

    /// <summary>Whether the machine has apt.</summary>
    public static bool HasApt => File.Exists("/usr/bin/apt-get");

    /// <summary>Those of <paramref name="packages"/> that are not installed.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(IReadOnlyCollection<string> packages, CancellationToken cancel)
    {
        var query = await Programs.RunAsync(
            "dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n", .. packages], TimeSpan.FromMinutes(1), time, cancel);
        var installed = query.Output.Split('\n').Where(l => l.EndsWith(" installed", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]);
        return [.. packages.Except(installed)];
    }

    /// <summary>Installs packages; null when it went well, else why not.</summary>
    public async Task<string?> InstallAsync(IReadOnlyCollection<string> packages, CancellationToken cancel)
    {
        say($"installing {string.Join(' ', packages)} (apt-get)...");
        var result = await AptAsync(["install", "-y", "--no-install-recommends", .. packages], cancel);
        if (!result.Succeeded)
        {
            // The lists of packages are missing on a fresh image, or too old to be of use.
            var update = await AptAsync(["update"], cancel);
            if (!update.Succeeded) return $"apt-get update failed: {update.LastLine}";
            result = await AptAsync(["install", "-y", "--no-install-recommends", .. packages], cancel);
        }

        return result.Succeeded ? null : $"apt-get install failed: {result.LastLine}";
    }

    /// <summary>Installs packages, or ends with what to do.</summary>
    public async Task RequireAsync(IReadOnlyCollection<string> packages, int exitCode, CancellationToken cancel)
    {
        if (await InstallAsync(packages, cancel) is { } fault)
            throw new UserException($"{fault} (run 'apt-get install {string.Join(' ', packages)}' and try again)", exitCode);
    }

    private Task<ProgramResult> AptAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        Programs.RunAsync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", .. arguments], TimeSpan.FromMinutes(15), time, cancel, Quietly);
}
