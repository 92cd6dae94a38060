using Notebook.Gateway.Kernels;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Gateway.Doors;

/// <summary>What every door uses.</summary>
internal sealed record DoorServices(
    GatewayOptions Options, GatewayCounters Counters, KernelHubs Hubs, ZmqContext Zmq, TimeProvider Time, ILoggerFactory Logs);
