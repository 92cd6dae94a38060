using Notebook.Contracts;

namespace Notebook.Simulator.Model;

/// <summary>What the agents of simulated servers need to know of cells, and whom they tell: in the platform, gateways and their clients.</summary>
internal interface IClients
{
    /// <summary>How long a cell's code runs.</summary>
    TimeSpan DurationOf(KernelId kernel, string messageId);

    /// <summary>The code of a cell has begun.</summary>
    void Started(KernelId kernel, string messageId, ReplicaId replica, ServerId server);

    /// <summary>The code of a cell has come to its end, before what it changed is committed.</summary>
    void CodeEnded(KernelId kernel, string messageId);

    /// <summary>Its code was cut off: the process or its server is gone.</summary>
    void CutOff(KernelId kernel, string messageId);

    /// <summary>The reply of a cell has reached its client.</summary>
    void Replied(KernelId kernel, string messageId);
}
