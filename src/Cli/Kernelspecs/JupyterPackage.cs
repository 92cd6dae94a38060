using Notebook.Hosting;

namespace Notebook.Cli.Kernelspecs;

/// <summary>
/// The Python package <c>notebook_jupyter</c>, which a Jupyter of the user's needs for our kernelspecs. It is installed as pip
/// would install it, but without pip: Debian's refuses to touch anything outside virtual environments. A folder
/// <c>NAME-VERSION.dist-info</c> beside the package is all that <c>importlib.metadata</c> looks for, and with its
/// <c>RECORD</c> pip can remove it.
/// </summary>
/// <param name="Source">Its project folder, with <c>pyproject.toml</c> and <c>entry_points.txt</c>.</param>
internal sealed record JupyterPackage(string Source)
{
    /// <summary>The name under which it is imported.</summary>
    public const string Name = "notebook_jupyter";

    /// <summary>The name of its provisioner, as its entry point and our kernelspecs have it.</summary>
    public const string Provisioner = "notebook-platform";

    /// <summary>The one that was built with this program.</summary>
    public static JupyterPackage Built { get; } = new(Path.Combine(AppContext.BaseDirectory, Name));

    /// <summary>Installs it, in place of one that is there.</summary>
    /// <param name="site">A folder in which Python looks for packages; made where it is missing.</param>
    /// <returns>The package's folder.</returns>
    public string InstallIn(string site)
    {
        var (package, version) = (Path.Combine(site, Name), Field("version"));
        var draft = $"{package}.{Environment.ProcessId}";
        Directory.CreateDirectory(site);
        CopyModules(draft);
        RemoveFrom(site);
        Directory.Move(draft, package);

        var information = Directory.CreateDirectory(Path.Combine(site, $"{Name}-{version}.dist-info"));
        File.WriteAllText(Path.Combine(information.FullName, "METADATA"), $"Metadata-Version: 2.1\nName: {Field("name")}\nVersion: {version}\n");
        File.WriteAllText(Path.Combine(information.FullName, "INSTALLER"), "notebook\n");
        File.WriteAllText(Path.Combine(information.FullName, "RECORD"), Record(package, information.Name));
        // Last: with this file jupyter_client finds it.
        File.Copy(Path.Combine(Source, "entry_points.txt"), Path.Combine(information.FullName, "entry_points.txt"));
        return package;
    }

    /// <summary>Takes it away again, whatever its version; nothing where it is not.</summary>
    public static void RemoveFrom(string site)
    {
        if (!Directory.Exists(site)) return;
        foreach (var information in Directory.GetDirectories(site, $"{Name}-*.dist-info")) Directory.Delete(information, recursive: true);
        if (Path.Combine(site, Name) is var package && Directory.Exists(package)) Directory.Delete(package, recursive: true);
    }

    private void CopyModules(string to)
    {
        var modules = Path.Combine(Source, Name);
        Directory.CreateDirectory(to);
        foreach (var module in Directory.EnumerateFiles(modules, "*.py")) File.Copy(module, Path.Combine(to, Path.GetFileName(module)), overwrite: true);
    }

    private static string Record(string package, string information) => string.Concat(
        Directory.EnumerateFiles(package).Select(f => $"{Name}/{Path.GetFileName(f)}")
            .Concat(((string[])["METADATA", "INSTALLER", "RECORD", "entry_points.txt"]).Select(f => $"{information}/{f}"))
            .Order(StringComparer.Ordinal).Select(f => $"{f},,\n"));

    private string Field(string name)
    {
        var start = $"{name} = \"";
        var line = File.ReadLines(Path.Combine(Source, "pyproject.toml")).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal))
            ?? throw new UserException($"{Source}/pyproject.toml has no {name}: build this copy of the platform again");
        return line[start.Length..].TrimEnd('"');
    }
}
