namespace Notebook.Cli.Notebooks;

/// <summary>Where Jupyter's own programs look for things of a user.</summary>
internal static class JupyterPaths
{
    /// <summary>
    /// Where the connection files of running kernels are: <c>jupyter console --existing</c> takes a name in it, or a part of
    /// one. By the rules of jupyter_core on Linux and macOS.
    /// </summary>
    public static string Runtime => Variable("JUPYTER_RUNTIME_DIR") ?? Path.Combine(Data, "runtime");

    /// <summary>What a user has installed, kernelspecs among it.</summary>
    public static string Data => Variable("JUPYTER_DATA_DIR")
        ?? (OperatingSystem.IsMacOS() ? Path.Combine(Home, "Library", "Jupyter") : Path.Combine(Variable("XDG_DATA_HOME") ?? Path.Combine(Home, ".local", "share"), "jupyter"));

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
