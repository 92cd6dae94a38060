using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Notebook.Embedded.Client;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Storage;
using Orleans;
using Orleans.Runtime;
using Orleans.Timers;

namespace Notebook.Embedded;

/// <summary>Adds the embedded grain host to an application.</summary>
public static class EmbeddedGrainsExtensions
{
    /// <summary>
    /// Adds the host, its <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>. It starts and stops with the
    /// application; the clock is the application's <see cref="TimeProvider"/>. Call filters are services, too.
    /// </summary>
    public static IServiceCollection AddEmbeddedGrains(this IServiceCollection services, Action<GrainHostOptions> configure)
    {
        var options = new GrainHostOptions();
        configure(options);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IGrainStore>(_ => options.DatabasePath is { } path ? new SqliteGrainStore(path) : new MemoryGrainStore());
        services.AddSingleton(options);
        services.AddSingleton<GrainHost>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<GrainHost>());
        services.AddSingleton<HostGrainFactory>();
        services.AddSingleton<IClusterClient>(s => s.GetRequiredService<HostGrainFactory>());
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<HostGrainFactory>());
        services.AddSingleton<IReminderRegistry>(s => s.GetRequiredService<GrainHost>().Reminders);
        services.AddSingleton(s => new GrainEndpoint(s.GetRequiredService<GrainHost>()));
        services.AddScoped<IGrainContextAccessor, GrainContextAccessor>();
        return services;
    }

    /// <summary>Adds a client of a grain host in another process, and its <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>.</summary>
    public static IServiceCollection AddGrainClient(this IServiceCollection services, Func<IServiceProvider, GrainClientOptions> options)
    {
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<GrainClient>(s, options(s)));
        services.AddSingleton(s => s.GetRequiredService<GrainClient>().Grains);
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<IClusterClient>());
        services.AddHostedService<GrainClientService>();
        return services;
    }
}
