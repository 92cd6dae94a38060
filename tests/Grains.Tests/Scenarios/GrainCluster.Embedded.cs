#if !ORLEANS_HOST
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notebook.Embedded;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>On the embedded host, with one database file.</summary>
internal sealed partial class GrainCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notebook-grains-").FullName;
    private ServiceProvider? _services;
    private string _database = "silo.db";

    public IGrainFactory Grains => _services!.GetRequiredService<IGrainFactory>();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(_time);
        services.AddSingleton<IAgentCommands>(Agents);
        services.AddGrainPolicies(Keeping, Prewarm);
        services.AddEmbeddedGrains(o =>
        {
            o.DatabasePath = Path.Combine(_folder, _database);
            o.GrainAssemblies.Add(typeof(GrainServices).Assembly);
        });
        _services = services.BuildServiceProvider();
        foreach (var hosted in _services.GetServices<IHostedService>()) await hosted.StartAsync(CancellationToken.None);
    }

    /// <summary>The next host opens the database as it is now.</summary>
    private void ForgetWhatFollows()
    {
        foreach (var file in (string[])["silo.db", "silo.db-wal"])
            if (File.Exists(Path.Combine(_folder, file))) File.Copy(Path.Combine(_folder, file), Path.Combine(_folder, $"crashed-{file}"));
        _database = "crashed-silo.db";
    }

    private async Task CloseAsync()
    {
        if (_services is null) return;
        foreach (var hosted in _services.GetServices<IHostedService>().Reverse()) await hosted.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        _services = null;
    }
}
#endif
