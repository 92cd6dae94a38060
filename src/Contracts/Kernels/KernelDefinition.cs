namespace Notebook.Contracts;

/// <summary>For how long a kernel holds GPUs.</summary>
public enum GpuBinding
{
    /// <summary>While a cell runs that asks for them.</summary>
    Cell,

    /// <summary>As long as it lives.</summary>
    Kernel,
}

/// <summary>What the user asked for when the kernel was started. Never changes during the kernel's life.</summary>
/// <param name="Kernel">Its id.</param>
/// <param name="SpecName">Name of the kernelspec, such as <c>python3</c>.</param>
/// <param name="User">Whose kernel it is (<c>KERNEL_USERNAME</c>, else <c>default</c>).</param>
/// <param name="Environment">Environment variables for the kernel process.</param>
/// <param name="WorkingDirectory">Where the kernel process starts; null for the server's default.</param>
/// <param name="Resources">What a cell gets that asks for nothing itself; null for the cluster's default.</param>
/// <param name="ReplicaCount">How many replicas it wants, 1 or more; default 3.</param>
[GenerateSerializer, Immutable, Alias("notebook.kernel-definition")]
public sealed record KernelDefinition(
    [property: Id(0)] KernelId Kernel,
    [property: Id(1)] string SpecName,
    [property: Id(2)] string User,
    [property: Id(3)] ImmutableDictionary<string, string> Environment,
    [property: Id(4)] string? WorkingDirectory,
    [property: Id(5)] ResourceRequest? Resources,
    [property: Id(6)] int ReplicaCount)
{
    /// <summary>For how long it holds GPUs.</summary>
    [Id(7)]
    public GpuBinding Binding { get; init; }

    /// <summary>Whether each of its cells gets a process of its own, which takes the state in before and is ended behind it.</summary>
    [Id(8)]
    public bool FreshProcesses { get; init; }

    /// <summary>
    /// Whether its kernelspec is not ours: its process cannot say what its cells change, so that it has one replica, whose
    /// variables are nowhere else and end with the process.
    /// </summary>
    [Id(9)]
    public bool IsForeign { get; init; }

    /// <summary>What a server promises to each of its replicas.</summary>
    public ResourceAmounts Promise => Resources?.Amounts ?? default;
}
