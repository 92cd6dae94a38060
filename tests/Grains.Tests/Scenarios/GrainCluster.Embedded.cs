#if !ORLEANS_HOST
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notebook.Embedded;
using Notebook.Embedded.Storage;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>On the embedded host, with one database file.</summary>
internal sealed partial class GrainCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notebook-grains-").FullName;
    private readonly UnderWay _underWay = new();
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
        services.AddGrainPolicies(Keeping, Policies);
        Services?.Invoke(services);
        services.AddSingleton<IGrainStore>(_ => new Disturbed(new SqliteGrainStore(Path.Combine(_folder, _database)), Writes, _underWay));
        services.AddEmbeddedGrains(o =>
        {
            o.GrainAssemblies.Add(typeof(GrainServices).Assembly);
            o.Scheduler = _underWay;
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

    private Task RestAsync() => UntilAsync(() => Task.FromResult(_underWay.IsNone), "the grains come to rest");

    private async Task CloseAsync()
    {
        if (_services is null) return;
        foreach (var hosted in _services.GetServices<IHostedService>().Reverse()) await hosted.StopAsync(CancellationToken.None).Within("the grains end");
        await _services.DisposeAsync();
        _services = null;
    }

    /// <summary>The store, with the writes that are to fail.</summary>
    private sealed class Disturbed(IGrainStore store, FailingWrites writes, UnderWay underWay) : IGrainStore
    {
        public Task OpenAsync() => store.OpenAsync();

        public Task CloseAsync() => store.CloseAsync();

        public Task<StoredValue?> ReadAsync(StateKey key) => underWay.Of(store.ReadAsync(key));

        public Task<string> WriteAsync(StateKey key, byte[] body, string? basedOn)
        {
            writes.Write(key.Grain);
            return underWay.Of(store.WriteAsync(key, body, basedOn));
        }

        public Task RemoveAsync(StateKey key, string? basedOn) => underWay.Of(RemovedAsync(key, basedOn));

        public Task<IReadOnlyList<StoredValue>> ListAsync(string namePrefix) => underWay.Of(store.ListAsync(namePrefix));

        private async Task<bool> RemovedAsync(StateKey key, string? basedOn)
        {
            await store.RemoveAsync(key, basedOn);
            return true;
        }
    }
}
#endif
