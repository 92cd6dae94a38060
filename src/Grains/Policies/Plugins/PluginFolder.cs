using System.Reflection;
using System.Text.RegularExpressions;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Policies.Guards;

namespace Notebook.Grains.Policies.Plugins;

/// <summary>What a folder of plug-ins holds.</summary>
/// <param name="Policies">Its policies, by file and class.</param>
/// <param name="Faults">What is wrong with it, one line for the operator each.</param>
internal sealed record PluginScan(ImmutableArray<KnownPolicy> Policies, ImmutableArray<string> Faults)
{
    public static PluginScan Nothing { get; } = new([], []);
}

/// <summary>
/// Finds policies in the assemblies of a folder: public classes that implement one of the policy interfaces and have a
/// constructor without parameters. Assemblies that do not refer to the contracts are libraries that others need. Everything
/// here is input: whatever a file holds or a constructor does becomes a line, and the rest is looked at all the same.
/// </summary>
internal sealed partial class PluginFolder
{
    private readonly TimeSpan _construction;

    private readonly PluginContext _context = new();
    private readonly ImmutableArray<KnownPolicy>.Builder _policies = ImmutableArray.CreateBuilder<KnownPolicy>();
    private readonly ImmutableArray<string>.Builder _faults = ImmutableArray.CreateBuilder<string>();

    private PluginFolder(TimeSpan construction) => _construction = construction;

    /// <summary>Loads the assemblies of <paramref name="folder"/> (<c>*.dll</c>, not in folders below) and makes their policies.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="construction">Real time that one constructor may take.</param>
    public static PluginScan Scan(string folder, TimeSpan construction)
    {
        var scan = new PluginFolder(construction);
        try
        {
            var files = Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal);
            foreach (var (name, file) in scan.Index(files)) scan.Examine(name, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            scan._faults.Add($"the policy plug-ins' folder {folder} cannot be read: {e.Message}");
        }

        return new PluginScan(scan._policies.ToImmutable(), scan._faults.ToImmutable());
    }

    private List<(AssemblyName Name, string File)> Index(IEnumerable<string> files)
    {
        var found = new List<(AssemblyName, string)>();
        foreach (var file in files)
        {
            try
            {
                var name = AssemblyName.GetAssemblyName(file);
                if (PluginContext.IsShared(name)) continue;   // a copy of the host's
                if (_context.Add(name, file) is { } other) Fault(file, $"it holds the assembly {name.Name}, as {Path.GetFileName(other)} does: take one of them out");
                else found.Add((name, file));
            }
            catch (BadImageFormatException)
            {
                Fault(file, "it is no .NET assembly: build it again, or take it out of the folder");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fault(file, $"it cannot be read: {e.Message}");
            }
        }

        return found;
    }

    private void Examine(AssemblyName name, string file)
    {
        try
        {
            var assembly = _context.LoadFromAssemblyName(name);
            var references = assembly.GetReferencedAssemblies();
            if (!references.Any(r => r.Name == typeof(IPolicy).Assembly.GetName().Name)) return;
            if (references.FirstOrDefault(r => !CanLoad(r)) is { } missing)
            {
                Fault(file, $"it needs the assembly {missing.Name} {missing.Version}, which is neither in the folder nor part of the platform: copy it there");
                return;
            }

            foreach (var type in assembly.GetExportedTypes())
            {
                if (type is not { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }) continue;
                var kinds = PolicyKinds.All.Where(k => k.Contract.IsAssignableFrom(type)).ToList();
                if (kinds.Count > 0) Make(type, kinds, file);
            }
        }
        catch (Exception e) when (e is TypeLoadException or ReflectionTypeLoadException or BadImageFormatException or IOException)
        {
            Fault(file, $"it does not fit this release of the platform, build it again with its contracts: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private bool CanLoad(AssemblyName reference)
    {
        try
        {
            _context.LoadFromAssemblyName(reference);
            return true;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            return false;
        }
    }

    private void Make(Type type, List<PolicyKind> kinds, string file)
    {
        if (type.GetConstructor([]) is null)
        {
            Fault(file, $"the class {type.FullName} implements {kinds[0].Contract.Name}, but has no public constructor without parameters");
            return;
        }

        var made = ForeignCall.Run($"policy plug-in {type.Name}", () => Describe((IPolicy)Activator.CreateInstance(type)!), _construction);
        if (made.Fault is { } fault) Fault(file, $"the policy {type.FullName} cannot be made: {fault}");
        else if (made.Value.Name is null || !NamePattern().IsMatch(made.Value.Name)) Fault(file, $"the name of the policy {type.FullName} must be 1 to 64 lower-case letters, digits and hyphens");
        else foreach (var kind in kinds) _policies.Add(Known(kind, made.Value, file));
    }

    private static (IPolicy Policy, string? Name, string? Description) Describe(IPolicy policy) => (policy, policy.Name, policy.Description);

    private static KnownPolicy Known(PolicyKind kind, (IPolicy Policy, string? Name, string? Description) made, string file) =>
        new(kind, made.Name!, (made.Description ?? "").ReplaceLineEndings(" "), Path.GetFileName(file), null, _ => made.Policy);

    private void Fault(string file, string what) => _faults.Add($"policy plug-in {Path.GetFileName(file)}: {what}");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
