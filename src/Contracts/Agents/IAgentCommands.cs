namespace Notebook.Contracts.Agents;

/// <summary>An order to the agent of one server.</summary>
public abstract record AgentCommand
{
    /// <summary>Make sure that this replica runs, as this assignment says; a process of an older incarnation is ended first.</summary>
    /// <param name="Replica">Which.</param>
    /// <param name="Assignment">What its process is to be.</param>
    /// <param name="HasLog">Whether the agent has had it up in this incarnation: then it must still have the kernel's log.</param>
    public sealed record StartReplica(ReplicaId Replica, ReplicaAssignment Assignment, bool HasLog) : AgentCommand;

    /// <summary>These are the replicas of this replica's kernel now, in place of those that its assignment named.</summary>
    public sealed record SetPeers(ReplicaId Replica, ImmutableArray<ReplicaPeer> Peers) : AgentCommand;

    /// <summary>End this replica's process and forget it.</summary>
    public sealed record StopReplica(ReplicaId Replica) : AgentCommand;

    /// <summary>Delete a log that no replica has open.</summary>
    public sealed record DropLog(HeldLog Held) : AgentCommand;

    /// <summary>Run a staged cell.</summary>
    public sealed record RunCell(ReplicaId Replica, CellOrder Order) : AgentCommand;

    /// <summary>These leases go on; any other that the agent knows ends when its term does.</summary>
    /// <param name="Epochs">Of the leases.</param>
    public sealed record RenewLeases(ImmutableArray<long> Epochs) : AgentCommand;

    /// <summary>Lead, and say whether a cell whose executor was lost counts.</summary>
    public sealed record RecallCell(ReplicaId Replica, CellRecall Recall) : AgentCommand;

    /// <summary>Interrupt what the replica's process runs.</summary>
    public sealed record InterruptReplica(ReplicaId Replica) : AgentCommand;

    /// <summary>Keep this many processes of each kernelspec warm from now on, as far as memory allows.</summary>
    /// <param name="Size">How many; null for as many as the agent was started with.</param>
    public sealed record SetPool(int? Size) : AgentCommand;
}

/// <summary>
/// The door from grains to agents: implemented by the silo's agent endpoint over its connections, and by the
/// simulator. Sending never waits; what comes of it arrives as reports to <see cref="IGpuServerGrain"/>.
/// </summary>
public interface IAgentCommands
{
    /// <summary>Sends <paramref name="command"/> to the agent of <paramref name="server"/>, in order with earlier ones.</summary>
    /// <returns>False when no agent of that server is connected to this silo, or it does not keep up; nothing was sent.</returns>
    bool TrySend(ServerId server, AgentCommand command);

    /// <summary>
    /// Closes the connection of the agent of <paramref name="server"/>, if it is to this silo: the agent dials again at once,
    /// and registers with all that it has. Does not wait.
    /// </summary>
    void Disconnect(ServerId server, string reason);
}
