using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>Carries the calls of references: the host itself, or a client's connection to one.</summary>
internal interface IReferenceRuntime
{
    /// <summary>Sends a call. Everything that goes wrong becomes the call's answer.</summary>
    void Send(GrainCall call);

    /// <summary>A reference to <paramref name="id"/> that implements <paramref name="interfaceType"/>.</summary>
    object MakeReference(GrainId id, Type interfaceType);
}
