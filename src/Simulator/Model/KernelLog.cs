using Notebook.Contracts;

namespace Notebook.Simulator.Model;

/// <summary>
/// The replicated log of one kernel, as far as scheduling can see it: who may lead, and which cells are committed. What Raft does
/// with messages is tested elsewhere (tests/Raft.Tests); here it is its promise, which is that a majority decides, once.
/// </summary>
/// <param name="stateBytes">The kernel's variables.</param>
/// <param name="gpuBytes">What it has on each of its GPUs.</param>
internal sealed class KernelLog(long stateBytes, long gpuBytes)
{
    private readonly Dictionary<string, ExecutionPhase> _committed = [];
    private readonly HashSet<ReplicaId> _members = [];

    /// <summary>The highest epoch that led: nobody of an older one commits anything any more.</summary>
    public long Epoch { get; private set; }

    /// <summary>Who led last.</summary>
    public ReplicaId? Leader { get; private set; }

    /// <summary>Bytes of variables; none before a cell has run.</summary>
    public long StateBytes => _committed.Count > 0 ? stateBytes : 0;

    /// <summary>Bytes on each GPU.</summary>
    public long GpuBytes => gpuBytes;

    /// <summary>When what the last cell changed has reached the other replicas.</summary>
    public DateTimeOffset EverywhereAt { get; set; }

    /// <summary>A replica takes part.</summary>
    public void Join(ReplicaId replica) => _members.Add(replica);

    /// <summary>A replica does not any more.</summary>
    public void Leave(ReplicaId replica) => _members.Remove(replica);

    /// <summary>Whether a majority of the members is there.</summary>
    public bool HasMajority(Func<ReplicaId, bool> isThere) => 2 * _members.Count(isThere) > _members.Count;

    /// <summary>A replica leads from now on in this epoch.</summary>
    /// <returns>False when another one leads in a later epoch, or did.</returns>
    public bool Lead(ReplicaId replica, long epoch)
    {
        if (epoch < Epoch) return false;
        (Epoch, Leader) = (epoch, replica);
        return true;
    }

    /// <summary>A cell's changes count.</summary>
    /// <returns>False when its epoch is over: they do not, and never will.</returns>
    public bool Commit(string messageId, long epoch, ExecutionPhase phase)
    {
        if (epoch < Epoch) return false;
        _committed.TryAdd(messageId, phase);
        return true;
    }

    /// <summary>How a committed cell ended; null for one that is not.</summary>
    public ExecutionPhase? Committed(string messageId) => _committed.TryGetValue(messageId, out var phase) ? phase : null;
}
