using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>The silo's order to run one cell.</summary>
/// <param name="MessageId">Its <c>execute_request</c>, staged by a gateway.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="Epoch">The kernel's executor epoch.</param>
/// <param name="Devices">Indices of its GPUs.</param>
internal sealed record CellOrder(string MessageId, long Execution, long Epoch, IReadOnlyList<int> Devices)
{
    public ExecutionReport Report(ExecutionPhase phase, string reason = "") =>
        new() { MessageId = MessageId, Execution = Execution, Epoch = Epoch, Phase = phase, Reason = reason };
}

/// <summary>What follows from an order, or from a message that was staged.</summary>
internal abstract record GateAnswer
{
    /// <summary>Order and bytes are there: run the cell now.</summary>
    public sealed record Start(CellOrder Order, JupyterFrame Message) : GateAnswer;

    /// <summary>The order is taken, its bytes are not here yet.</summary>
    public sealed record Wait(CellOrder Order) : GateAnswer;

    /// <summary>The order ends without a run, or had ended before: tell the silo.</summary>
    public sealed record Ended(ExecutionReport Report) : GateAnswer;

    /// <summary>Nothing follows.</summary>
    public sealed record Nothing : GateAnswer;
}
