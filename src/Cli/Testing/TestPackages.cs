using Notebook.Cli.Setup;

namespace Notebook.Cli.Testing;

/// <summary>What the tests need of Debian. The one place where it is listed.</summary>
internal static class TestPackages
{
    /// <summary>Kernels, the clients that are tried on the platform, and what the sample notebooks import (python3-torch only where it is there already).</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "python3-ipykernel", "libzmq5", "python3-jupyter-client", "python3-nbclient", "python3-nbconvert", "python3-nbformat",
        "python3-jupyter-server", "python3-numpy", "python3-pandas", "python3-matplotlib", "jupyter-notebook",
        "python3-ipywidgets", "jupyter-nbextension-jupyter-js-widgets", "python3-debugpy", "jupyter-console",
        "python3-jupyter-kernel-test", "chromium-driver", "python3-selenium", "python3-jupyterlab-server",
    ];

    /// <summary>Installs what is missing. Returns a line that says what could not be, and null when all is there.</summary>
    public static async Task<string?> InstallAsync(TimeProvider time, Action<string> say, CancellationToken cancel)
    {
        if (!Debian.HasApt) return $"not a Debian: nothing was installed; tests that need {string.Join(", ", Names)} may be skipped";
        var debian = new Debian(time, say);
        var missing = await debian.MissingAsync(Names, cancel);
        if (missing.Count == 0) return null;
        if (!Debian.CanInstall) return $"not installed, for want of root: {string.Join(' ', missing)} (tests that need them are skipped)";
        return await debian.InstallAsync(missing, cancel);
    }
}
