using Notebook.Gateway.Agents;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// The way between one kernel and one of its replicas: what was received of it, and whether it takes messages.
/// State is the hub's: its lock guards it.
/// </summary>
internal sealed class ReplicaRoute(KernelHub hub, string replica, AgentLink link) : IReplicaReceiver
{
    public string Replica => replica;

    public AgentLink Link => link;

    /// <summary>Number of the last output received.</summary>
    public ulong After { get; set; }

    /// <summary>The last output that clients were given before it was whole; perhaps it is by now.</summary>
    public OutEntry? Arriving { get; set; }

    /// <summary>The agent has said that it sends and takes messages.</summary>
    public bool Ready { get; set; }

    /// <summary>Another one with every answer of the agent to an attachment: it may be in another life, and not have what the last one had.</summary>
    public object? Attachment { get; set; }

    /// <summary>Cells wait until the agent has room for their bytes.</summary>
    public bool IsStaging { get; set; }

    /// <summary>Outputs that come are the next ones: not so between a pause and the agent's answer to the attachment after it.</summary>
    public bool Receiving { get; set; }

    /// <summary>Outputs are not taken for now, since clients do not keep up; the agent keeps them.</summary>
    public bool Paused { get; set; }

    /// <summary>Number of the last output that clients have.</summary>
    public ulong Delivered { get; set; }

    /// <summary>What the agent was told of it.</summary>
    public ulong DeliveredTold { get; set; }

    /// <summary>When it stopped being the executor's; null while it is.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    public void Attached(ulong next, ulong dropped) => hub.RouteAttached(this, next, dropped);

    public void Received(Output output, PartsArrival? arrival) => hub.RouteReceived(this, output, arrival);

    public void NotHere(string reason) => hub.RouteMissing(this, reason);

    public void LinkLost() => hub.RouteLost(this);

    public GatewayToAgent StageOf(JupyterFrame message) => new() { Stage = new Stage { Replica = replica, Message = message } };

    public GatewayToAgent ForwardOf(JupyterFrame message) => new() { Forward = new Forward { Replica = replica, Message = message } };
}
