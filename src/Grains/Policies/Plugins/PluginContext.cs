using System.Reflection;
using System.Runtime.Loader;

namespace Notebook.Grains.Policies.Plugins;

/// <summary>
/// Where the assemblies of one plug-in folder live. The contracts, and what the contracts themselves need, are the host's, so
/// that both sides mean the same types; anything else is the folder's where it has it, so that a plug-in may bring another
/// version of a library than the host's. Files are read whole: one that is replaced later changes nothing here.
/// </summary>
internal sealed class PluginContext() : AssemblyLoadContext("policies")
{
    private static readonly HashSet<string> s_shared = WithReferences(typeof(IPolicy).Assembly);
    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the host's own is taken, whatever the folder has.</summary>
    public static bool IsShared(AssemblyName name) => name.Name is { } text && s_shared.Contains(text);

    /// <summary>Makes an assembly of the folder known.</summary>
    /// <returns>Null, or the file that holds one of this name already.</returns>
    public string? Add(AssemblyName name, string file)
    {
        if (_files.TryAdd(name.Name!, file)) return null;
        return _files[name.Name!];
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsShared(assemblyName) || !_files.TryGetValue(assemblyName.Name!, out var file)) return null;   // the host's
        using var bytes = new MemoryStream(File.ReadAllBytes(file));
        return LoadFromStream(bytes);
    }

    private static HashSet<string> WithReferences(Assembly root)
    {
        var host = GetLoadContext(root) ?? Default;
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var next = new Stack<Assembly>([root]);
        while (next.TryPop(out var assembly))
        {
            if (!found.Add(assembly.GetName().Name!)) continue;
            foreach (var reference in assembly.GetReferencedAssemblies())
                if (!found.Contains(reference.Name!)) next.Push(host.LoadFromAssemblyName(reference));
        }

        return found;
    }
}
