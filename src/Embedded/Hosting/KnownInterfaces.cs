using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>Grain and observer interfaces by name: all of the assemblies from which one has been used.</summary>
internal sealed class KnownInterfaces
{
    private readonly ConcurrentDictionary<Assembly, bool> _assemblies = new();
    private readonly ConcurrentDictionary<string, Type> _byName = new();

    public IEnumerable<Assembly> Assemblies => _assemblies.Keys;

    public IEnumerable<Type> All => _byName.Values;

    public void Add(Assembly assembly)
    {
        if (_assemblies.ContainsKey(assembly)) return;
        foreach (var type in assembly.GetTypes())
        {
            if (type is { IsInterface: true, IsGenericTypeDefinition: false } && typeof(IAddressable).IsAssignableFrom(type))
            {
                _byName.TryAdd(InterfaceShape.NameOf(type), type);
            }
        }

        _assemblies.TryAdd(assembly, true);
    }

    public Type? Find(string name) => _byName.GetValueOrDefault(name);
}
