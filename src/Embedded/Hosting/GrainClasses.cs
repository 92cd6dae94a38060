using System.Collections.Frozen;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>All grain classes of a host, by kind and by interface.</summary>
internal sealed class GrainClasses
{
    private readonly FrozenDictionary<GrainType, GrainClass> _byKind;
    private readonly FrozenDictionary<Type, GrainClass[]> _byInterface;

    public GrainClasses(IEnumerable<Assembly> assemblies, IIncomingGrainCallFilter[] filters, bool checkImmutability)
    {
        var distinct = assemblies.Distinct().ToArray();
        GrainClass[] all =
        [
            .. distinct.SelectMany(a => a.GetTypes())
                .Where(t => t is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false } && typeof(IGrain).IsAssignableFrom(t)
                    && typeof(IGrainBase).IsAssignableFrom(t))
                .Select(t => new GrainClass(t, filters)),
        ];
        foreach (var twice in all.GroupBy(c => c.GrainType).Where(g => g.Count() > 1))
        {
            throw new InvalidOperationException(
                $"grain classes {string.Join(" and ", twice.Select(c => c.Type))} are both named \"{twice.Key}\": give one a [GrainType]");
        }

        _byKind = all.ToFrozenDictionary(c => c.GrainType);
        _byInterface = all.SelectMany(c => c.Interfaces.Select(i => (Interface: i, Class: c)))
            .GroupBy(p => p.Interface).ToFrozenDictionary(g => g.Key, g => g.Select(p => p.Class).ToArray());

        // Observer interfaces stand beside the grain interfaces that take them.
        foreach (var assembly in _byInterface.Keys.Select(i => i.Assembly).Concat(distinct).Append(typeof(IRemindable).Assembly)) Interfaces.Add(assembly);
        if (checkImmutability) Immutability.Check(Interfaces.All);
    }

    /// <summary>The interfaces of these classes, and those beside them.</summary>
    public KnownInterfaces Interfaces { get; } = new();

    /// <summary>The class of a grain.</summary>
    /// <param name="id">The grain.</param>
    /// <param name="interfaceType">The interface that it is called by, when known.</param>
    public GrainClass Of(GrainId id, Type? interfaceType) =>
        _byKind.TryGetValue(id.Type, out var grainClass) && (interfaceType is null || interfaceType.IsAssignableFrom(grainClass.Type))
            ? grainClass
            : throw new ArgumentException($"no grain class for {interfaceType?.ToString() ?? id.ToString()} in this host: is its assembly in GrainAssemblies?");

    public GrainType TypeOf(Type interfaceType, string? classNamePrefix)
    {
        var classes = _byInterface.GetValueOrDefault(interfaceType, []);
        if (classNamePrefix is not null) classes = [.. classes.Where(c => c.Type.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal))];
        return classes switch
        {
            [var only] => only.GrainType,
            [] => throw new ArgumentException($"Could not find an implementation for interface {interfaceType}: is its assembly in GrainAssemblies?"),
            _ when classes.FirstOrDefault(c => "I" + c.Type.Name == interfaceType.Name) is { } named => named.GrainType,
            _ => throw new ArgumentException(
                $"interface {interfaceType} has several classes, {string.Join(", ", classes.Select(c => c.Type.FullName))}: say which by a class name prefix"),
        };
    }

    /// <summary>The grain that a client means, who knows interfaces, not classes: the kind in its ids is a guess by the interface's name.</summary>
    public GrainId Resolve(GrainId id, Type interfaceType) =>
        ObserverTable.ClientOf(id) is not null || (_byKind.TryGetValue(id.Type, out var known) && interfaceType.IsAssignableFrom(known.Type))
            ? id
            : new(TypeOf(interfaceType, null), id.Key);
}
