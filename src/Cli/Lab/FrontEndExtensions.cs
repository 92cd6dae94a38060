namespace Notebook.Cli.Lab;

/// <summary>
/// What the front ends need beside themselves: our extensions, one for JupyterLab 4 and one for the classic Notebook, with
/// which a page that is loaded anew shows what its cells have said. They lie in the front end's own folders; others do not
/// look there.
/// </summary>
internal static class FrontEndExtensions
{
    private const string Name = "notebook-orleans";
    private const string Enabled = "{\"load_extensions\": {\"" + Name + "/main\": true}}";

    /// <summary>Puts them there.</summary>
    /// <param name="lab">The front end.</param>
    public static void Add(LabServer lab)
    {
        var data = lab.Environment["JUPYTER_DATA_DIR"];
        Copy("nbextension", Path.Combine(data, "nbextensions", Name));
        Copy("labextension", Path.Combine(data, "labextensions", Name));
        var settings = Path.Combine(Directory.CreateDirectory(Path.Combine(lab.Environment["JUPYTER_CONFIG_DIR"], "nbconfig")).FullName, "notebook.json");
        if (!File.Exists(settings)) File.WriteAllText(settings, Enabled);   // the user's settings, once there are any
    }

    private static void Copy(string extension, string to)
    {
        var source = Path.Combine(AppContext.BaseDirectory, extension);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
