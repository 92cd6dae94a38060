using Microsoft.Extensions.Hosting;

namespace Notebook.Embedded.Client;

/// <summary>Starts and stops the client with the application.</summary>
internal sealed class GrainClientService(GrainClient client) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        client.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await client.DisposeAsync();
}
