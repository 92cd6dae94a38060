using Notebook.Contracts;
using Notebook.Grains.Policies.Catalog;

namespace Notebook.Silo.Admin;

/// <summary>Says a <see cref="ClusterView"/> in the words of the admin API.</summary>
internal static class ClusterStatuses
{
    /// <summary>The whole cluster.</summary>
    public static ClusterStatus Of(ClusterView view, PoliciesInUse policies)
    {
        var kernels = view.Kernels.Select(Of).ToArray();
        var cells = kernels.SelectMany(k => k.Queue).ToLookup(c => c.Running);
        return new(
            [.. view.Servers.Select(Of)], kernels, [.. cells[true]], [.. cells[false]],
            [.. view.Queue.Select(q => new QueueStatus(q.Place, q.Kernel.Value, q.Execution, q.User, Of(q.Amounts), q.Since, q.Reason))],
            [.. view.Moves.Select(Of)],
            view.SubscriptionLimit,
            [.. policies.View.Select(Of)],
            policies.Regime.Name,
            view.Scaling is { } scaling ? Of(scaling) : null,
            view.CulledKernels);
    }

    private static ScalingState Of(ScalingStatus scaling) => new(
        scaling.Policy, scaling.Provisioner, scaling.Target, scaling.Minimum, scaling.Maximum,
        [.. scaling.OnTheirWay.Select(Of)], [.. scaling.Leaving.Select(Of)],
        scaling.LastDecision, scaling.DecidedAt, scaling.Failures,
        [.. scaling.Faults.Select(f => new ScalingError(f.At, f.Server.Value, f.Reason))]);

    private static MovingServerStatus Of(MovingServer server) => new(server.Server.Value, server.Phase, server.Since, server.Failures, server.UnderWay);

    /// <summary>A server that is drained, or not any more.</summary>
    public static DrainStatus Of(DrainView view) => new(view.Server.Value, view.Draining, view.Replicas, view.Reason);

    /// <summary>A decision.</summary>
    public static DecisionStatus Of(Decision decision) => new(
        decision.At,
        decision.Kind,
        decision.Kernel?.Value,
        decision.Execution == 0 ? null : decision.Execution,
        decision.Policy.Length == 0 ? null : decision.Policy,
        decision.Outcome,
        decision.Reason,
        [.. decision.Considered.Select(c => new ConsideredStatus(c.What, c.Verdict))]);

    private static MoveStatus Of(MoveView move) =>
        new(move.From.Kernel.Value, move.From.Value, move.Target.Value, move.Since, move.Reason);

    private static AmountsStatus Of(ResourceAmounts amounts) => new(amounts.Gpus, amounts.GpuMemoryMb, amounts.MilliCpus, amounts.MemoryMb);

    private static PolicyStatus Of(PolicyInUse policy) => new(policy.Kind, policy.Name, policy.Origin, policy.Faults, policy.LastFault);

    private static ServerStatus Of(ServerView server) => new(
        server.Server.Value,
        server.DataAddress,
        server.ProcessId,
        Word(server.State),
        [.. server.Gpus.Select(g => new GpuStatus(g.Gpu.Index, g.Gpu.Uuid, g.Gpu.Kind, g.Gpu.Name, g.Gpu.MemoryMb, g.Lease?.Kernel.Value))],
        server.SubscriptionRatio,
        server.PromisedGpus,
        [.. server.Replicas.Select(r => r.Value)],
        new(server.Load.CpuShare, server.Load.MemoryUsedMb, server.Load.MemoryTotalMb, server.Load.WarmProcesses),
        server.Load.Storage is { } storage ? new(storage.ObjectsBytes, storage.ObjectsFreeBytes, storage.Faults) : null,
        server.Load.Pool is { } pool ? Of(pool, server) : null,
        server.Draining,
        new(Of(server.Account.Spec), Of(server.Account.Committed), Of(server.Account.Held), Of(server.Account.Promised)));

    private static PoolStatus Of(PoolLoad pool, ServerView server) => new(
        pool.Target,
        server.Load.WarmProcesses,
        pool.Hits,
        pool.Misses,
        Milliseconds(pool.StartTime),
        Milliseconds(pool.HoldingTime),
        pool.ProcessMemoryMb > 0 ? pool.ProcessMemoryMb : null,
        server.PoolReason);

    private static double? Milliseconds(TimeSpan time) => time > TimeSpan.Zero ? Math.Round(time.TotalMilliseconds, 1) : null;

    private static KernelStatus Of(KernelView kernel) => new(
        kernel.Kernel.Value,
        kernel.Definition.SpecName,
        kernel.Definition.User,
        Word(kernel.State),
        kernel.Reason ?? (kernel.WaitsForServer is { } server ? $"waiting for {server}" : null),
        kernel.Executor?.Value,
        kernel.Definition.IsForeign ? "none" : Word(kernel.Durability),
        kernel.StateSafe,
        kernel.Standbys,
        kernel.Session,
        kernel.Incarnation,
        kernel.LastActivity,
        [.. kernel.Cells.Select(c => Of(kernel.Kernel, c))],
        [.. kernel.Replicas.Select(r => Of(r, r.Id == kernel.Executor))],
        kernel.Unreplicated,
        Of(kernel.Definition.Promise),
        kernel.Moving is { } move ? Of(move) : null,
        kernel.Reclaimed is { } reclaimed ? new(reclaimed.Since, reclaimed.Reason) : null,
        kernel.Connections,
        !kernel.Definition.IsForeign,
        kernel.Losses);

    private static ReplicaStatus Of(ReplicaView replica, bool isExecutor) => new(
        replica.Id.Value,
        replica.Server.Value,
        isExecutor ? "executor" : "standby",
        isExecutor || replica.Phase != ReplicaPhase.Ready ? null : Word(replica.Standby),
        Word(replica.Phase),
        replica is { Phase: ReplicaPhase.Ready, Standby: StandbyMode.Cold } ? null : replica.ProcessId,
        replica.Reason);

    private static CellStatus Of(KernelId kernel, CellView cell) => new(
        kernel.Value,
        cell.MessageId,
        cell.Execution,
        cell.Running ? "running" : "waiting",
        cell.Running,
        cell.Running ? null : cell.WaitingFor ?? "the cells before it",
        cell.Lease?.Server.Value,
        cell.Lease is { } lease ? [.. lease.Devices] : []);

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
