namespace Notebook.Cli.Lab;

/// <summary>
/// What the classic Notebook needs beside itself: our extension, with which a page that is loaded anew shows what its cells
/// have said. It lies in the front end's own folders; other front ends do not look there.
/// </summary>
internal static class ClassicNotebook
{
    private const string Extension = "notebook-orleans";
    private const string Enabled = "{\"load_extensions\": {\"" + Extension + "/main\": true}}";

    private static string Source => Path.Combine(AppContext.BaseDirectory, "nbextension", "main.js");

    /// <summary>Puts it there.</summary>
    /// <param name="lab">The front end.</param>
    public static void Extend(LabServer lab)
    {
        var folder = Directory.CreateDirectory(Path.Combine(lab.Environment["JUPYTER_DATA_DIR"], "nbextensions", Extension)).FullName;
        File.Copy(Source, Path.Combine(folder, "main.js"), overwrite: true);
        var settings = Path.Combine(Directory.CreateDirectory(Path.Combine(lab.Environment["JUPYTER_CONFIG_DIR"], "nbconfig")).FullName, "notebook.json");
        if (!File.Exists(settings)) File.WriteAllText(settings, Enabled);   // the user's settings, once there are any
    }
}
