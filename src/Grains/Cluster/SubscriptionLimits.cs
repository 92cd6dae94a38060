using System.Globalization;

namespace Notebook.Grains.Cluster;

/// <summary>
/// How far the resources of a server may be promised more than once: promised over (what there is × replicas of a kernel).
/// Cells are short and far apart, so that most of the time few of those who were promised GPUs want them (NotebookOS, 3.4).
/// </summary>
/// <param name="Gpus">For GPUs and their memory, at most; below it the limit follows demand where the cluster can grow.</param>
/// <param name="Cpus">For CPUs.</param>
/// <param name="Memory">For host memory, which kernels use between their cells too.</param>
public sealed record SubscriptionLimits(double Gpus, double Cpus, double Memory)
{
    /// <summary>7 for GPUs as in the paper's reference, 7 for CPUs, 2 for memory.</summary>
    public static SubscriptionLimits Default { get; } = new(7, 7, 2);

    /// <summary>What <see cref="Parse"/> reads, for messages.</summary>
    public const string Known = "three numbers from 1 to 1000, for GPUs, CPUs and memory, such as 7,7,2";

    /// <summary>Reads <c>GPUS,CPUS,MEMORY</c>; null when it is not that, or out of range.</summary>
    public static SubscriptionLimits? Parse(string text)
    {
        var numbers = text.Split(',').Select(part => double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
        return numbers is [var gpus, var cpus, var memory] && new SubscriptionLimits(gpus, cpus, memory) is { Fault: null } limits ? limits : null;
    }

    /// <summary>Why these cannot be limits, or null: each is from 1 to 1000.</summary>
    public string? Fault => new[] { Gpus, Cpus, Memory }.All(limit => limit is >= 1 and <= 1000)
        ? null
        : $"subscription limits {Gpus}, {Cpus}, {Memory}: each must be from 1 to 1000";
}
