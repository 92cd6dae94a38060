using Notebook.Contracts;
using Orleans;

namespace Notebook.Silo;

/// <summary>
/// Wakes every server and kernel when the silo starts, so that they make up with their agents and notice those that do
/// not come back, also when nobody calls.
/// </summary>
internal sealed class StartupRecovery(IGrainFactory grains) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) =>
        grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).View();

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
