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
    private readonly FrozenDictionary<string, Type> _interfaces;

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
        var interfaces = _byInterface.Keys.Select(i => i.Assembly).Concat(distinct).Distinct().SelectMany(a => a.GetTypes())
            .Where(t => t.IsInterface && !t.IsGenericTypeDefinition && typeof(IAddressable).IsAssignableFrom(t))
            .Concat(_byInterface.Keys).Append(typeof(IRemindable)).Distinct().ToArray();
        _interfaces = interfaces.GroupBy(InterfaceShape.NameOf).ToFrozenDictionary(g => g.Key, g => g.First());
        if (checkImmutability) Immutability.Check(_interfaces.Values);
    }

    /// <summary>The class of a grain.</summary>
    /// <param name="id">The grain; from a client that does not know classes its kind is only a guess.</param>
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

    public Type? InterfaceNamed(string name) => _interfaces.GetValueOrDefault(name);
}
