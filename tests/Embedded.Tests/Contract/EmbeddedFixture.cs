#if !ORLEANS_HOST
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;

namespace Notebook.Embedded.Tests.Contract;

/// <summary>The embedded host, on SQLite, with a clock of our own.</summary>
public class HostFixture : GrainHostFixture
{
    private readonly string _database = Path.Combine(Path.GetTempPath(), $"grains-{Guid.NewGuid():N}.db");
    private ServiceProvider? _services;

    public ManualTimeProvider Time { get; } = new();

    public IServiceProvider Services => _services!;

    public string DatabasePath => _database;

    public override IClusterClient Client => Services.GetRequiredService<IClusterClient>();

    public override Task PassAsync(TimeSpan time)
    {
        Time.Advance(time);
        return Task.CompletedTask;
    }

    public override async Task InitializeAsync()
    {
        var services = new ServiceCollection()
            .AddLogging(l => l.AddProvider(Log))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IIncomingGrainCallFilter, SeeingFilter>()
            .AddSingleton<IOutgoingGrainCallFilter, StampingFilter>()
            .AddEmbeddedGrains(options =>
            {
                options.GrainAssemblies.Add(typeof(HostFixture).Assembly);
                options.DatabasePath = _database;
                options.CheckImmutability = true;
                Configure(options);
            });
        _services = services.BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>()) await service.StartAsync(default);
    }

    /// <summary>What the host says.</summary>
    public CollectingLog Log { get; } = new();

    public override async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await StopAsync();
        File.Delete(_database);
    }

    protected virtual void Configure(GrainHostOptions options)
    {
    }

    private async Task StopAsync()
    {
        // Some tests leave grains that wait for what never comes; the clock that would end them stands still.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        foreach (var service in _services!.GetServices<IHostedService>()) await service.StopAsync(limit.Token);
        await _services!.DisposeAsync();
    }
}
#endif
