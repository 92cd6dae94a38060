using Notebook.Links.Protocol;

namespace Notebook.Gateway.Agents;

/// <summary>Who takes the outputs of one replica. Called by one thread at a time, in order; must not wait.</summary>
internal interface IReplicaReceiver
{
    /// <summary>The replica's id.</summary>
    string Replica { get; }

    /// <summary>The number of the last output that was received: the agent sends what follows.</summary>
    ulong After { get; }

    /// <summary>The agent sends this replica's outputs from now on, and takes messages for it.</summary>
    void Attached(ulong next, ulong dropped);

    /// <summary>An output.</summary>
    void Received(Output output);

    /// <summary>The agent does not hold this replica, now.</summary>
    void NotHere(string reason);

    /// <summary>The link broke; it is dialled again, and the replica attached again.</summary>
    void LinkLost();
}
