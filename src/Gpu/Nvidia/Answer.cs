namespace Notebook.Gpu.Nvidia;

/// <summary>What the driver answered to a question: a value, or why there is none.</summary>
/// <param name="Value">The value; its type's default when there is none.</param>
/// <param name="Fault">Null when there is one.</param>
internal readonly record struct Answer<T>(T Value, GpuFault? Fault)
{
    /// <summary>The value made into something else.</summary>
    public Answer<TOther> Then<TOther>(Func<T, TOther> make) => Fault is null ? new(make(Value), null) : new(default!, Fault);

    /// <summary>The value, unless it makes no sense.</summary>
    /// <param name="makesSense">Whether it does.</param>
    /// <param name="call">Which call answered.</param>
    public Answer<T> If(Func<T, bool> makesSense, string call) =>
        Fault is null && !makesSense(Value) ? new(default!, new GpuFault.Unknown(call, 0, $"an answer that makes no sense: {Value}")) : this;

    /// <exception cref="GpuException">There is none.</exception>
    public T OrThrow() => Fault is null ? Value : throw new GpuException(Fault);
}
