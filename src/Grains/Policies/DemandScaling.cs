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
        var there = serving.Length + view.OnTheirWay.Length;
        var needed = ServersForQueue(view, serving);
        var target = Bounded(Wanted(options.Headroom));
        var limit = Math.Max(target, Bounded(Wanted(options.ScaleInLimit)));

        var add = Math.Max(0, target - there);
        var surplus = Math.Min(there - limit, options.MaxRemovals);
        ImmutableArray<ServerId> remove = surplus > 0 ? [.. Removable(view, serving).Take(surplus)] : [];
        return new(add, remove, string.Create(CultureInfo.InvariantCulture,
            $"{there} servers ({view.OnTheirWay.Length} on their way), {view.CommittedGpus} GPUs committed, {view.Waiting.Length} requests wait: ")
            + Sentence(add, remove.Length, target, limit, there));

        int Wanted(double factor)
        {
            var demand = view.CommittedGpus + view.Waiting.Sum(w => w.Gpus <= view.GpusPerServer ? w.Gpus : 0);
            var byDemand = view.GpusPerServer == 0 ? 0 : (int)Math.Ceiling(demand * factor / view.GpusPerServer);
            return Math.Max(Math.Max(byDemand, view.Minimum + view.Buffer), needed > 0 ? serving.Length + needed : 0);
        }

        int Bounded(int servers) => Math.Clamp(servers, view.Minimum, view.Maximum);
    }

    private static string Sentence(int add, int removed, int target, int limit, int there) =>
        add > 0 ? $"{target} are wanted"
        : removed > 0 ? $"no more than {limit} are wanted"
        : there > limit ? $"no more than {limit} are wanted, but none is idle and ours"
        : $"enough, {target} to {limit} are wanted";

    /// <summary>How many empty servers it takes for what waits: the largest first, each into the first that has room.</summary>
    private static int ServersForQueue(ScalingView view, ImmutableArray<ScalingServer> serving)
    {
        // What has just come up is empty for the queue, which had no time to go there; what is on its way is not counted here.
        List<int> rooms = [.. serving.Where(s => view.Now - s.UpSince < view.Settling).Select(s => s.Gpus - s.CommittedGpus)];
        var settled = rooms.Count;
        foreach (var gpus in view.Waiting.Select(w => w.Gpus).Where(g => g <= view.GpusPerServer).OrderDescending())
        {
            var room = rooms.FindIndex(free => free >= gpus);
            if (room >= 0) rooms[room] -= gpus;
            else rooms.Add(view.GpusPerServer - gpus);
        }

        return rooms.Count - settled;
    }

    /// <summary>Those that may go, best first: what fails to come, then the emptiest, then the youngest.</summary>
    private static IEnumerable<ServerId> Removable(ScalingView view, ImmutableArray<ScalingServer> serving) =>
    [
        .. view.OnTheirWay.Where(s => s.Failures > 0).OrderByDescending(s => s.Failures).Select(s => s.Server),
        .. serving
            .Where(s => s is { IsOurs: true, CommittedGpus: 0, CanBeDrained: true } && view.Now - s.UpSince >= view.Settling)
            .OrderBy(s => s.Replicas)
            .ThenBy(s => s.PromisedGpus)
            .ThenByDescending(s => s.UpSince)
            .ThenBy(s => s.Server.Value, StringComparer.Ordinal)
            .Select(s => s.Server),
    ];
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
