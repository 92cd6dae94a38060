namespace Notebook.Grains.Policies;

/// <summary>What rules for the number of servers have in common.</summary>
internal static class FleetNeeds
{
    /// <summary>How many empty servers it takes for what waits: the largest first, each into the first that has room.</summary>
    public static int ServersForQueue(ScalingView view, ImmutableArray<ScalingServer> serving)
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
    public static IEnumerable<ServerId> Removable(ScalingView view, ImmutableArray<ScalingServer> serving) =>
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

    /// <summary>From the number that is wanted to what is to be done.</summary>
    /// <param name="view">What is there.</param>
    /// <param name="serving">The servers that are not being emptied.</param>
    /// <param name="target">Servers that are wanted; fewer are added to.</param>
    /// <param name="limit">Servers above which some are removed; at least the target.</param>
    /// <param name="maxRemovals">At most as many at once.</param>
    /// <param name="found">What was found, as the beginning of the reason.</param>
    public static ScalingDecision Towards(ScalingView view, ImmutableArray<ScalingServer> serving, int target, int limit, int maxRemovals, string found)
    {
        target = Math.Clamp(target, view.Minimum, view.Maximum);
        limit = Math.Max(target, Math.Clamp(limit, view.Minimum, view.Maximum));
        var there = serving.Length + view.OnTheirWay.Length;
        var add = Math.Max(0, target - there);
        var surplus = Math.Min(there - limit, maxRemovals);
        ImmutableArray<ServerId> remove = surplus > 0 ? [.. Removable(view, serving).Take(surplus)] : [];
        var sentence = add > 0 ? $"{target} are wanted"
            : remove.Length > 0 ? $"no more than {limit} are wanted"
            : there > limit ? $"no more than {limit} are wanted, but none is idle and ours"
            : $"enough, {target} to {limit} are wanted";
        return new(add, remove, $"{there} servers ({view.OnTheirWay.Length} on their way), {found}: {sentence}");
    }
}
