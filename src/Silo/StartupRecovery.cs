using Notebook.Contracts;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Silo;

/// <summary>
/// Wakes every server and kernel when the silo starts, so that they make up with their agents and notice those that do
/// not come back, also when nobody calls.
/// </summary>
internal sealed partial class StartupRecovery(IGrainFactory grains, ILogger<StartupRecovery> log) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).View();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            LogNotYet(e.Message);   // other silos may be on their way up or down; grains that are called wake by themselves
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "Not every server and kernel could be woken: {Reason}")]
    private partial void LogNotYet(string reason);
}
