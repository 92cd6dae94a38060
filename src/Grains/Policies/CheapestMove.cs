namespace Notebook.Grains.Policies;

/// <summary>
/// The replica that has least to be copied, standbys before the executor (whose process is warm), then the one whose server is
/// promised most over what it has, since that is what the move gives back; to the server that has room and the fewest idle GPUs,
/// then with the least promised and the least CPU in use. So whole servers stay idle: for cells that need all of one, and to be
/// given back.
/// </summary>
public sealed class CheapestMove : IMigrationPolicy
{
    /// <summary>State is compared by steps of this size: less than it costs no time that anybody notices.</summary>
    private const long StepBytes = 16L << 20;

    /// <inheritdoc/>
    public string Name => "cheapest";

    /// <inheritdoc/>
    public MigrationDecision? Choose(MigrationView view)
    {
        if (view.Replicas.IsEmpty || view.Targets.IsEmpty) return null;
        var from = Enumerable.Range(0, view.Replicas.Length)
            .OrderBy(i => view.Replicas[i].IsReady)              // one that is lost anyway first
            .ThenBy(i => view.Replicas[i].IsExecutor)
            .ThenBy(i => view.Replicas[i].StateBytes / StepBytes)
            .ThenByDescending(i => Pressure(view.Sources[i]))
            .ThenBy(i => view.Replicas[i].Replica.Number)
            .First();
        var target = view.Targets
            .OrderBy(t => t.IdleGpus)
            .ThenBy(Pressure)
            .ThenBy(t => t.Load.CpuShare)
            .ThenBy(t => t.Server.Value, StringComparer.Ordinal)
            .First();
        var replica = view.Replicas[from];
        return new(replica.Replica, target.Server,
            $"replica {replica.Replica.Number} of server {replica.Server} has {replica.StateBytes >> 20} MB to copy and is {(replica.IsExecutor ? "the executor" : "a standby")}; "
            + $"server {target.Server} has {target.IdleGpus} GPUs idle, the fewest of {view.Targets.Length} with room");
    }

    private static double Pressure(PlacementServer server) => server.Gpus == 0 ? 0 : (double)server.PromisedGpus / server.Gpus;
}
