namespace Notebook.Grains.Kernels;

/// <summary>
/// Which kernels may give their processes back, whatever a policy says: those that lose nothing by it, for all that they are
/// is in the logs of a majority and their large values are too. No clock, no IO.
/// </summary>
internal static class ReclaimRules
{
    /// <summary>Why its processes may not end, or null when they may.</summary>
    /// <param name="life">The kernel.</param>
    /// <param name="isBusy">Whether a cell of it runs or waits.</param>
    public static string? WhyNot(KernelLife life, bool isBusy) => life switch
    {
        { Ended: true } or { DeadReason: not null } => "it is dead",
        { Definition.IsForeign: true } => "its variables are in its process alone",
        { Reclaimed: not null } => "its processes are gone already",
        { Executor: null } => "it has no executor",
        { Move: not null } => "one of its replicas moves to another server",
        _ when isBusy => "a cell runs or waits",
        _ when 2 * life.Replicas.Count(r => r.Phase == ReplicaPhase.Ready) <= life.Replicas.Count => "no majority of its replicas is up",
        _ when life.Replicas.FirstOrDefault(r => r.AtRisk is { Bytes: > 0 }) is { } replica =>
            $"{replica.AtRisk!.Bytes} bytes of large values are on one server alone",
        _ when life.Replicas.FirstOrDefault(r => r.AtRisk is { Names.IsEmpty: false }) is { } replica =>
            $"values cannot be copied: {string.Join(", ", replica.AtRisk!.Names)}",
        _ => life.Replicas.FirstOrDefault(r => r.Held is not null)?.Held,
    };
}
