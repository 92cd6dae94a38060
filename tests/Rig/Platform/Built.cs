namespace Notebook.Rig.Platform;

/// <summary>Where the programs that were built together with this one lie.</summary>
public static class Built
{
    private static readonly DirectoryInfo s_here = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = RootAbove(s_here);

    /// <summary>The assembly of a project, such as <c>Cli</c>, in the configuration of this one.</summary>
    public static string Assembly(string project) =>
        Path.Combine(s_here.Parent!.Parent!.FullName, project, s_here.Name, $"Notebook.{project}.dll");

    /// <summary>A file of the repository.</summary>
    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    private static string RootAbove(DirectoryInfo? folder)
    {
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Notebook.Orleans.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("no Notebook.Orleans.sln above this program: run it from where it was built");
    }
}
