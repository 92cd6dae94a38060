using System.Diagnostics;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>A front end that <c>notebook lab</c> runs; its kernels are ended with it.</summary>
internal sealed class Lab : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);
    private readonly Process _process;

    private Lab(Process process, string url) => (_process, Url) = (process, url);

    /// <summary>Where a person opens it.</summary>
    public string Url { get; }

    /// <summary>Starts it, with the platform's token and on a free port.</summary>
    /// <param name="platform">Whose kernels it has.</param>
    /// <param name="folder">The folder of notebooks that it shows.</param>
    /// <param name="programs">Where its program is looked for before <c>PATH</c>; null for nowhere.</param>
    public static async Task<Lab> StartAsync(NotebookPlatform platform, string folder, string? programs = null)
    {
        var path = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}".TrimStart(':');
        var process = Command.Start(
            "dotnet",
            [Built.Assembly("Cli"), "lab", "--data", platform.Data, "--no-browser", "--notebook-dir", folder, "--port", $"{NotebookPlatform.FreePort()}"],
            environment: new Dictionary<string, string> { ["PATH"] = path });
        while (await process.StandardOutput.ReadLineAsync().WithinAsync("'ready' from notebook lab", s_limit) is { } line)
            if (line.StartsWith("ready ", StringComparison.Ordinal)) return new(process, line["ready ".Length..].Trim());
        throw new InvalidOperationException($"notebook lab ended: {await process.StandardError.ReadToEndAsync()}");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
