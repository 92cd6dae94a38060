using System.Text.Json.Nodes;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Provisioner;

/// <summary>Our kernelspec, installed by <c>notebook install-kernelspec</c> in a folder of its own that is removed at the end: no test touches a home.</summary>
internal sealed class InstalledKernelspec : IDisposable
{
    public const string Name = "python3-replicated";
    public const string DisplayName = "Python 3 (replicated)";
    private readonly TemporaryDirectory _folder = new();

    private InstalledKernelspec()
    {
    }

    /// <summary>The folder that it was installed below.</summary>
    public string Prefix => Path.Combine(_folder.Path, "prefix");

    /// <summary>With these variables a Jupyter finds it, and keeps its own files here.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    public static Task<InstalledKernelspec> InstallAsync(NotebookPlatform platform, params string[] options) => InstallAsync(platform.Data, options);

    /// <param name="data">The platform's data directory.</param>
    /// <param name="options">More of the command.</param>
    public static async Task<InstalledKernelspec> InstallAsync(string data, params string[] options)
    {
        var installed = new InstalledKernelspec();
        var result = await installed.CommandAsync(data, ["--json", .. options]);
        var package = JsonNode.Parse(result.Checked().Stdout)!["package"]!.GetValue<string>();
        installed.Environment = new Dictionary<string, string>
        {
            ["PYTHONPATH"] = Path.GetDirectoryName(package)!,
            ["JUPYTER_PATH"] = Path.Combine(installed.Prefix, "share", "jupyter"),
            ["JUPYTER_DATA_DIR"] = Path.Combine(installed._folder.Path, "data"),
            ["JUPYTER_RUNTIME_DIR"] = Path.Combine(installed._folder.Path, "run"),
            ["JUPYTER_CONFIG_DIR"] = Path.Combine(installed._folder.Path, "config"),
            ["IPYTHONDIR"] = Path.Combine(installed._folder.Path, "ipython"),
        };
        return installed;
    }

    /// <summary>Runs the command for the same folder.</summary>
    public Task<CommandResult> CommandAsync(string data, params string[] options) =>
        Command.NotebookAsync("Cli", ["install-kernelspec", "--data", data, "--python", Command.Python, "--prefix", Prefix, .. options]);

    public void Dispose() => _folder.Dispose();
}
