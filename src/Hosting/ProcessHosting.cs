using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Notebook.Hosting;

/// <summary>What all our processes do the same: logs, listening address, the line that says that they are ready.</summary>
public static class ProcessHosting
{
    /// <summary>
    /// Logs as JSON lines to <c>logs/ID.log</c> in the data directory (64 MiB a file, five kept); warnings to
    /// standard error too. Scopes become properties, so that every line of one cell can bear its kernel and execution.
    /// Sets the listening address and the clock.
    /// </summary>
    public static WebApplicationBuilder UseProcess(this WebApplicationBuilder builder, ProcessSettings settings)
    {
        var file = settings.Data.LogFile(settings.Self.Role, settings.Self.Id);
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(settings.Verbose ? LogEventLevel.Debug : LogEventLevel.Information)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Orleans", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .Enrich.WithProperty("Process", settings.Self.ToString())
            .WriteTo.File(new JsonFormatter(renderMessage: true), file,
                fileSizeLimitBytes: 64 << 20, rollOnFileSizeLimit: true, retainedFileCountLimit: 5, shared: false)
            .WriteTo.Console(
                settings.Verbose ? LogEventLevel.Debug : LogEventLevel.Warning,
                standardErrorFromLevel: LogEventLevel.Verbose,
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}")
            .CreateLogger();
        builder.Logging.ClearProviders().AddSerilog(logger, dispose: true);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.WebHost.UseUrls(settings.Listen.ToString());
        UseArrivingThread(builder.WebHost);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, SocketBlocks>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
        return builder;
    }

    /// <summary>A variable that this process sets for itself: nothing that it starts for a user should find it.</summary>
    public const string ArrivingThreadVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// What arrives on a socket is worked on by the thread that finds it there, without being handed to another first:
    /// a cell passes six sockets, and each change of threads costs a good part of a millisecond on a machine that is
    /// busy with the kernel itself. So nothing that runs on arrival may block.
    /// </summary>
    private static void UseArrivingThread(IWebHostBuilder web)
    {
        web.UseSockets(o => o.UnsafePreferInlineScheduling = true);
        Environment.SetEnvironmentVariable(ArrivingThreadVariable, "1");   // read at the first socket
    }

    /// <summary>Where the application listens, once it has started: the real port where 0 was asked for.</summary>
    public static Uri ListeningAddress(this WebApplication app) => app.Services.GetRequiredService<IServer>().ListeningAddress();

    /// <inheritdoc cref="ListeningAddress(WebApplication)"/>
    public static Uri ListeningAddress(this IServer server) =>
        new(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts the application, prints <c>ready ADDRESS</c>, and runs until it is told to stop.</summary>
    /// <param name="app">The application.</param>
    /// <param name="readyLine">Makes another readiness line of the address.</param>
    public static async Task RunProcessAsync(this WebApplication app, Func<Uri, string>? readyLine = null)
    {
        await app.StartAsync();
        await Console.Out.WriteLineAsync(readyLine?.Invoke(app.ListeningAddress()) ?? $"ready {app.ListeningAddress()}");
        await app.WaitForShutdownAsync();
    }
}
