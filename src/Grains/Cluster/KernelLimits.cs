namespace Notebook.Grains.Cluster;

/// <summary>How many kernels there may be, as an operator chose it.</summary>
/// <param name="All">In all, from 1.</param>
/// <param name="PerUser">Of one user; 0 for as many as in all.</param>
public sealed record KernelLimits(int All, int PerUser)
{
    /// <summary>As many as a cluster can have.</summary>
    public static KernelLimits Default { get; } = new(ClusterDefaults.MaxKernels, 0);

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault => All is < 1 or > ClusterDefaults.MaxKernels ? $"there may be 1 to {ClusterDefaults.MaxKernels} kernels, not {All}"
        : PerUser is < 0 or > ClusterDefaults.MaxKernels ? $"a user may have 1 to {ClusterDefaults.MaxKernels} kernels, or 0 for no limit, not {PerUser}"
        : null;

    /// <summary>Why a user gets no other kernel, or null.</summary>
    /// <param name="all">How many there are.</param>
    /// <param name="user">Whose the next would be.</param>
    /// <param name="its">How many that user has.</param>
    public string? WhyNot(int all, string user, int its) =>
        all >= All ? $"{all} kernels run already, and no more are allowed (--max-kernels): shut some down"
        : PerUser > 0 && its >= PerUser ? $"user {user} has {its} kernels already, and no more are allowed (--max-kernels-per-user): shut some down"
        : null;
}
