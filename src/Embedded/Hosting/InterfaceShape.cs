using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Notebook.Embedded.Serialization;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>What the host knows of one grain or observer interface: its name and its methods.</summary>
internal sealed class InterfaceShape
{
    private static readonly ConcurrentDictionary<Type, InterfaceShape> Known = new();

    private readonly FrozenDictionary<MethodInfo, MethodShape> _byMethod;
    private readonly FrozenDictionary<string, MethodShape> _byName;

    private InterfaceShape(Type type)
    {
        if (!type.IsInterface || !typeof(IAddressable).IsAssignableFrom(type))
        {
            throw new ArgumentException($"{type} is not a grain or observer interface: it must be an interface that derives from IAddressable");
        }

        Type = type;
        Name = NameOf(type);
        InterfaceType = GrainInterfaceType.Create(Name);
        _byMethod = new[] { type }.Concat(type.GetInterfaces())
            .SelectMany(i => i.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(m => m.IsAbstract)
            .ToFrozenDictionary(m => m, m => MethodShape.Of(this, m));
        _byName = Named(_byMethod.Values);
    }

    /// <summary>The interface.</summary>
    public Type Type { get; }

    /// <summary>Its alias, or else its full name.</summary>
    public string Name { get; }

    /// <summary>The same, as Orleans' type.</summary>
    public GrainInterfaceType InterfaceType { get; }

    /// <summary>All methods, inherited ones too.</summary>
    public IEnumerable<MethodShape> Methods => _byMethod.Values;

    public static InterfaceShape Of(Type type) => Known.GetOrAdd(type, static t => new InterfaceShape(t));

    public static string NameOf(Type type) =>
        Aliases.Of(type) ?? type.FullName ?? type.Name;

    public MethodShape Method(MethodInfo method)
    {
        // Generic interfaces apart, the proxy hands over the very MethodInfo that reflection gave us.
        return _byMethod.TryGetValue(method, out var shape)
            ? shape
            : throw new NotSupportedException($"{Name} has no callable method {method}");
    }

    public MethodShape? Find(string name) => _byName.GetValueOrDefault(name);

    private FrozenDictionary<string, MethodShape> Named(IEnumerable<MethodShape> methods)
    {
        var named = new Dictionary<string, MethodShape>();
        foreach (var method in methods)
        {
            if (!named.TryAdd(method.Name, method))
            {
                throw new ArgumentException($"{Type} has two methods named {method.Name}: give one of them an [Alias]");
            }
        }

        return named.ToFrozenDictionary();
    }
}
