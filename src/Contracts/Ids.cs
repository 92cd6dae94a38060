namespace Notebook.Contracts;

/// <summary>Names one kernel: a lower-case GUID with hyphens, as Jupyter clients expect. Key of <see cref="IKernelGrain"/>.</summary>
/// <param name="Value">The id's text.</param>
[GenerateSerializer, Immutable, Alias("notebook.kernel-id")]
public readonly record struct KernelId([property: Id(0)] string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one GPU server, and so its agent: chosen by the operator, stable over restarts. Key of <see cref="IGpuServerGrain"/>.</summary>
/// <param name="Value">The id's text.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-id")]
public readonly record struct ServerId([property: Id(0)] string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one replica of a kernel: the kernel's id, a slash, and a number that is never used again. Key of <see cref="IReplicaGrain"/>.</summary>
/// <param name="Value">The id's text, <c>KERNEL/N</c>.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-id")]
public readonly record struct ReplicaId([property: Id(0)] string Value)
{
    /// <summary>The kernel that this replica belongs to.</summary>
    public KernelId Kernel => new(Value[..Value.LastIndexOf('/')]);

    /// <summary>Its number in the kernel; its member of the kernel's Raft group bears the same.</summary>
    public int Number => int.Parse(Value.AsSpan(Value.LastIndexOf('/') + 1), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The id of a kernel's replica number <paramref name="number"/>.</summary>
    public static ReplicaId Of(KernelId kernel, int number) => new($"{kernel.Value}/{number}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
