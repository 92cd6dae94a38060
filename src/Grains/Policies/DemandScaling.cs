using System.Globalization;

namespace Notebook.Grains.Policies;

/// <summary>
/// As many servers as the demand for GPUs needs, with some to spare (decision 0018).
/// <list type="number">
/// <item>Demand is the GPUs that cells hold and those that the queue waits for. Servers are added up to
/// <c>demand × 1.05 / GPUs per server</c>, but at least to the minimum and a buffer, and at least to what the queue needs
/// beside the servers that are there: free GPUs that lie scattered help no large cell.</item>
/// <item>Servers are removed above the same with 1.1, so that a little more and a little less of demand moves nothing;
/// a few at a time, and only idle ones of ours, those with the fewest replicas first.</item>
/// <item>Servers on their way count, and those that came up just now have room for the queue: it had no time to go there.</item>
/// </list>
/// </summary>
/// <param name="options">The rule's figures.</param>
public sealed class DemandScaling(DemandScalingOptions options) : IScalingPolicy
{
    /// <inheritdoc/>
    public string Name => "notebookos";

    /// <inheritdoc/>
    public ScalingDecision Decide(ScalingView view)
    {
        var serving = view.Servers.Where(s => !s.IsDraining).ToImmutableArray();
        var needed = FleetNeeds.ServersForQueue(view, serving);
        return FleetNeeds.Towards(
            view, serving, Wanted(options.Headroom), Wanted(options.ScaleInLimit), options.MaxRemovals,
            string.Create(CultureInfo.InvariantCulture, $"{view.CommittedGpus} GPUs committed, {view.Waiting.Length} requests wait"));

        int Wanted(double factor)
        {
            var demand = view.CommittedGpus + view.Waiting.Sum(w => w.Gpus <= view.GpusPerServer ? w.Gpus : 0);
            var byDemand = view.GpusPerServer == 0 ? 0 : (int)Math.Ceiling(demand * factor / view.GpusPerServer);
            return Math.Max(Math.Max(byDemand, view.Minimum + view.Buffer), needed > 0 ? serving.Length + needed : 0);
        }
    }
}

/// <summary>The figures of <see cref="DemandScaling"/>.</summary>
public sealed record DemandScalingOptions
{
    /// <summary>Servers are added up to the demand times this.</summary>
    public double Headroom { get; init; } = 1.05;

    /// <summary>Servers are removed above the demand times this.</summary>
    public double ScaleInLimit { get; init; } = 1.1;

    /// <summary>At most as many are removed by one decision.</summary>
    public int MaxRemovals { get; init; } = 2;
}
