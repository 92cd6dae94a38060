using System.Reflection;
using Notebook.Embedded.Hosting;

namespace Orleans.Runtime;

/// <summary>A reference to a grain or observer. Those that callers hold also implement the interface asked for.</summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference>
{
    private IReferenceRuntime? _runtime;
    private InterfaceShape? _shape;

    /// <summary>The grain's id.</summary>
    public GrainId GrainId { get; private set; }

    /// <summary>The interface that it has.</summary>
    public GrainInterfaceType InterfaceType => _shape?.InterfaceType ?? default;

    /// <summary>The interface's name.</summary>
    public virtual string InterfaceName => InterfaceType.ToString();

    internal IReferenceRuntime Runtime =>
        _runtime ?? throw new GrainReferenceNotBoundException("this reference was not made by a grain factory");

    /// <summary>Where the runtime keeps what it found out about the target, so that the next call need not look it up.</summary>
    internal object? TargetCache { get; set; }

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>Equality: the same grain.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    /// <inheritdoc/>
    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    internal GrainReference Copy() => (GrainReference)MemberwiseClone();

    internal GrainReference Bind(IReferenceRuntime runtime, InterfaceShape? shape, GrainId id)
    {
        (_runtime, _shape, GrainId) = (runtime, shape, id);
        return this;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _shape!.Method(targetMethod!).Call(Runtime, this, args ?? []);
}
