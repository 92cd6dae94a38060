using Notebook.Gateway.Agents;
using Notebook.Gateway.Cluster;

namespace Notebook.Gateway.Kernels;

/// <summary>What every hub uses.</summary>
internal sealed record HubServices(
    GatewayOptions Options,
    GatewayCounters Counters,
    ControlPlane ControlPlane,
    AgentLinks Agents,
    OpenPorts Ports,
    TimeProvider Time,
    ILoggerFactory Logs);
