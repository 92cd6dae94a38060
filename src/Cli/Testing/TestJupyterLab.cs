using Notebook.Cli.Setup;

namespace Notebook.Cli.Testing;

/// <summary>
/// JupyterLab 4 for the tests, which Debian does not have: made of its npm packages, whose versions a lock file in the tests'
/// folder names, under <c>artifacts/jupyterlab</c>. Made again when that folder's files change.
/// </summary>
internal sealed class TestJupyterLab(Installation installation, TimeProvider time)
{
    private static readonly TimeSpan s_installWithin = TimeSpan.FromMinutes(2), s_buildWithin = TimeSpan.FromMinutes(1);

    private string Source => Path.Combine(installation.Root, "tests", "Acceptance.Tests", "clients", "lab");

    private string Target => Path.Combine(installation.Root, "artifacts", "jupyterlab");

    /// <summary>Made last: who finds it finds all of it.</summary>
    private string Stamp => Path.Combine(Target, "made");

    /// <summary>Makes it where it is missing. Returns a line that says why it could not be, and null when it is there.</summary>
    public async Task<string?> InstallAsync(Action<string> say, CancellationToken cancel)
    {
        var sources = Directory.GetFiles(Source, "*", SearchOption.AllDirectories);
        var files = string.Join('\n', sources.Order(StringComparer.Ordinal).Select(File.ReadAllText));
        if (File.Exists(Stamp) && await File.ReadAllTextAsync(Stamp, cancel) == files) return null;
        if (!Programs.OnPath("npm").Any()) return "no npm on PATH (Debian: npm): the tests with JupyterLab 4 are skipped";

        say("installing JupyterLab 4 for the tests (npm)...");
        if (Directory.Exists(Target)) Directory.Delete(Target, recursive: true);
        foreach (var file in sources)
        {
            var copy = Path.Combine(Target, Path.GetRelativePath(Source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var install = await Programs.RunAsync(
            "npm", ["ci", "--prefix", Target, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"], s_installWithin, time, cancel);
        if (!install.Succeeded) return $"npm could not install JupyterLab 4: {install.LastLine} (the tests with it are skipped)";
        var build = await Programs.RunAsync("node", [Path.Combine(Target, "build.mjs")], s_buildWithin, time, cancel);
        if (!build.Succeeded) return $"JupyterLab 4 was installed, but could not be put together: {build.LastLine} (the tests with it are skipped)";
        await File.WriteAllTextAsync(Stamp, files, cancel);
        return null;
    }
}
