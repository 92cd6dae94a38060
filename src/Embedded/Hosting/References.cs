using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>Makes references: objects that implement a grain interface and send what is called on them.</summary>
internal static class References
{
    private static readonly ConcurrentDictionary<Type, Func<GrainReference>> Makers = new();

    public static GrainReference Make(IReferenceRuntime runtime, Type interfaceType, GrainId id) =>
        Makers.GetOrAdd(interfaceType, MakerOf)().Bind(runtime, InterfaceShape.Of(interfaceType), id);

    private static Func<GrainReference> MakerOf(Type interfaceType)
    {
        var create = typeof(DispatchProxy).GetMethod(nameof(DispatchProxy.Create), 2, [])!;
        return create.MakeGenericMethod(interfaceType, typeof(GrainReference)).CreateDelegate<Func<object>>() is var make
            ? () => (GrainReference)make()
            : throw new InvalidOperationException();
    }
}
