using Notebook.Links;
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
    /// <param name="output">The output.</param>
    /// <param name="arrival">Of one on iopub with large buffers, how much of these has come; null for one that is whole.</param>
    void Received(Output output, PartsArrival? arrival);

    /// <summary>The agent does not hold this replica, now.</summary>
    void NotHere(string reason);

    /// <summary>The link broke; it is dialled again, and the replica attached again.</summary>
    void LinkLost();
}
