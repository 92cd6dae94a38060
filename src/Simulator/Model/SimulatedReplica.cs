using Notebook.Contracts;

namespace Notebook.Simulator.Model;

/// <summary>One replica on a simulated server: its process, and the cell that it runs.</summary>
internal sealed class SimulatedReplica(ReplicaId id, ReplicaAssignment assignment)
{
    public ReplicaId Id { get; } = id;

    public ReplicaAssignment Assignment { get; set; } = assignment;

    public ReplicaPhase Phase { get; set; } = ReplicaPhase.Starting;

    /// <summary>What it does with the kernel's state now; cold ones have no process.</summary>
    public StandbyMode Standby { get; set; }

    public int ProcessId { get; set; }

    public string? Reason { get; set; }

    /// <summary>The running or latest cell.</summary>
    public ExecutionReport? Last { get; set; }

    public bool IsAlone { get; set; }

    /// <summary>When it has all of the kernel's state that was committed before it came.</summary>
    public DateTimeOffset CompleteAt { get; set; }

    /// <summary>Grows with every order that ends what was under way: what comes of that later does not count.</summary>
    public int Life { get; set; }

    public bool IsRunning => Last is { Phase: ExecutionPhase.Running };

    public ReplicaReport Report(long stateBytes) => new(Id, Assignment.Incarnation, Phase, ProcessId, Reason, Last)
    {
        Standby = Standby,
        StateBytes = stateBytes,
        IsAlone = IsAlone,
    };
}
