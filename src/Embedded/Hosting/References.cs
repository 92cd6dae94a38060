using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>Makes references: objects that implement a grain interface and send what is called on them.</summary>
internal static class References
{
    private static readonly ConcurrentDictionary<Type, GrainReference> Models = new();

    public static GrainReference Make(IReferenceRuntime runtime, Type interfaceType, GrainId id) =>
        Models.GetOrAdd(interfaceType, ModelOf).Copy().Bind(runtime, InterfaceShape.Of(interfaceType), id);

    // Of each interface one, bound to nothing: a copy takes a small part of the time of making one, and grains make many.
    private static GrainReference ModelOf(Type interfaceType) =>
        (GrainReference)DispatchProxy.Create(interfaceType, typeof(GrainReference));
}
