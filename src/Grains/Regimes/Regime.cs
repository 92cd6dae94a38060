namespace Notebook.Grains.Regimes;

/// <summary>
/// A whole way of scheduling, as a declaration that names its parts: policies by their names, and what no policy decides. All
/// regimes run on the same grains and agents, so that what is measured of two of them differs by their parts alone. A kernel
/// keeps the regime's parts that it was started with.
/// </summary>
/// <param name="Name">By which it is picked.</param>
/// <param name="Description">What it does, in one line.</param>
public sealed record Regime(string Name, string Description)
{
    /// <summary>Replicas of a kernel, each on another server.</summary>
    public int ReplicasPerKernel { get; init; } = ClusterDefaults.ReplicasPerKernel;

    /// <summary>For how long a kernel holds GPUs.</summary>
    public GpuBinding Gpus { get; init; }

    /// <summary>Whether each cell gets a process of its own, which takes the kernel's state in before and is ended behind it.</summary>
    public bool FreshProcesses { get; init; }

    /// <summary>The policies, each <c>KIND=NAME</c>; the default of a kind that is not named. An operator's own choice goes before.</summary>
    public ImmutableArray<string> Policies { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
