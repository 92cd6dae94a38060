using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Servers;

internal sealed partial class GpuServerGrain
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Information,
        Message = "Server {Server} connected, boot {BootId} (restarted: {Rebooted}), {Gpus} GPUs, {Replicas} replicas")]
    private partial void LogConnected(ServerId server, string bootId, bool rebooted, int gpus, int replicas);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "Server {Server} lost its connection: {Reason}")]
    private partial void LogDisconnected(ServerId server, string reason);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Error, Message = "Server {Server} is down: {Reason}")]
    private partial void LogDown(ServerId server, string reason);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Warning,
        Message = "Server {Server}: lease of kernel {Kernel} for execution {Execution} on GPUs {Devices} is claimed by nobody and ended")]
    private partial void LogReconciled(ServerId server, KernelId kernel, long execution, string devices);

    [LoggerMessage(EventId = 3105, Level = LogLevel.Error,
        Message = "Server {Server}: kernel {Kernel} runs execution {Execution} on GPUs {Devices}, which another kernel has leased")]
    private partial void LogConflict(ServerId server, KernelId kernel, long execution, string devices);
}
