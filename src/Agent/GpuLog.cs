using Notebook.Gpu;

namespace Notebook.Agent;

/// <summary>Says at the agent's start what GPUs it has, what their driver lacks, and which GPUs cannot be leased.</summary>
internal static partial class GpuLog
{
    /// <summary>A line for each.</summary>
    public static void Say(ILogger logger, IGpuDevices gpus)
    {
        if (gpus.Driver is { } driver)
        {
            LogDriver(logger, driver.Version ?? "of an unknown version", driver.Cuda ?? "of an unknown version", gpus.Inventory.Count);
            foreach (var lack in driver.Lacks) LogLack(logger, lack.What, lack.Why.Message);
        }

        foreach (var gpu in gpus.Unusable) LogUnusable(logger, gpu.Index, gpu.Uuid ?? "without UUID", gpu.Why.Message);
    }

    [LoggerMessage(EventId = 3111, Level = LogLevel.Information, Message = "NVIDIA driver {Version}, CUDA {Cuda}: {Count} GPUs can be leased")]
    private static partial void LogDriver(ILogger logger, string version, string cuda, int count);

    [LoggerMessage(EventId = 3112, Level = LogLevel.Warning, Message = "The driver lacks {What}: {Reason}")]
    private static partial void LogLack(ILogger logger, string what, string reason);

    [LoggerMessage(EventId = 3113, Level = LogLevel.Error, Message = "GPU {Index} ({Uuid}) cannot be leased: {Reason}")]
    private static partial void LogUnusable(ILogger logger, int index, string uuid, string reason);
}
