namespace Notebook.Cli;

/// <summary>Where this copy of the platform lies: its root folder, and the programs that were built of it.</summary>
/// <param name="Root">The folder that holds the launcher.</param>
/// <param name="Binaries">The folder with one folder for each built project.</param>
/// <param name="Configuration"><c>release</c> or <c>debug</c>.</param>
/// <param name="Dotnet">The program that runs the built assemblies.</param>
internal sealed record Installation(string Root, string Binaries, string Configuration, string Dotnet)
{
    /// <summary>Finds it from where this program lies (<c>artifacts/bin/Cli/release/</c>) and the launcher's environment.</summary>
    public static Installation Locate()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var binaries = here.Parent?.Parent?.FullName ?? here.FullName;
        var root = Environment.GetEnvironmentVariable("NOTEBOOK_ROOT") ?? RootAbove(here) ?? Environment.CurrentDirectory;
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return new Installation(root, binaries, here.Name, host);
    }

    /// <summary>Where state is kept unless <c>--data</c> says otherwise: one platform for each copy, whatever the current folder.</summary>
    public string DefaultData => Environment.GetEnvironmentVariable("NOTEBOOK_DATA") ?? Path.Combine(Root, ".notebook");

    /// <summary>The assembly of a project, such as <c>Silo</c>.</summary>
    public string Assembly(string project) => Path.Combine(Binaries, project, Configuration, $"Notebook.{project}.dll");

    private static string? RootAbove(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Notebook.Orleans.sln"))) folder = folder.Parent;
        return folder?.FullName;
    }
}
