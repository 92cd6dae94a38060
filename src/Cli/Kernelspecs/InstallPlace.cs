using Notebook.Hosting;

namespace Notebook.Cli.Kernelspecs;

/// <summary>Where a kernelspec and its package are installed.</summary>
/// <param name="Kernels">The folder of kernelspecs.</param>
/// <param name="Site">The folder of packages.</param>
internal sealed record InstallPlace(string Kernels, string Site)
{
    /// <summary>Chooses it, as Jupyter's own commands do: in a virtual environment its prefix, otherwise the user's folders.</summary>
    /// <param name="python">The Python of the Jupyter.</param>
    /// <param name="forUser">Whether the user's folders were asked for.</param>
    /// <param name="prefix">The prefix that was asked for.</param>
    public static InstallPlace Of(JupyterPython python, bool forUser, string? prefix)
    {
        if (prefix is not null || (!forUser && python.IsVirtual)) return new(Path.Combine(python.Prefix, "share", "jupyter", "kernels"), python.PrefixSite);
        return python.UserSite is { } site
            ? new(Path.Combine(python.UserData, "kernels"), site)
            : throw new UserException($"{python.Path} does not look for packages of users: install into a prefix of it with --prefix, such as --prefix {python.Prefix}");
    }
}
