#if !ORLEANS_HOST
using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Embedded;
using Notebook.Embedded.Client;
using Notebook.Links;

namespace Notebook.Hosting;

/// <summary>How a process that is no silo reaches the grains: here, by a link to the silo that hosts them.</summary>
public sealed partial class GrainClient
{
    private readonly Option<string[]> _silo = new("--silo")
    {
        Description = "Where the silos listen, such as ws://127.0.0.1:9000/; several with commas between.",
        Required = true,
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public GrainClient(Command command) => command.Add(_silo);

    /// <summary>
    /// Adds <see cref="Orleans.IClusterClient"/>. The process starts without a silo, too: calls wait for one. The link is
    /// made again whenever it breaks; a silo that refuses this process (another cluster key or protocol version) ends it
    /// with <see cref="ExitCodes.RefusedByPeer"/>.
    /// </summary>
    /// <param name="builder">The process.</param>
    /// <param name="parsed">Its command line.</param>
    /// <param name="settings">Who it is.</param>
    /// <param name="reconnected">Called whenever there is a link again: subscriptions at the silo before are lost. Must not block.</param>
    public void AddTo(WebApplicationBuilder builder, ParseResult parsed, ProcessSettings settings, Action<IServiceProvider> reconnected) =>
        AddTo(builder.Services, [.. parsed.GetRequiredValue(_silo).SelectMany(Addresses)], settings, reconnected);

    /// <summary>The same for addresses that come from elsewhere.</summary>
    /// <param name="services">The process's services.</param>
    /// <param name="silos">Where the silos listen, at least one; asked in turn.</param>
    /// <param name="settings">Who the process is.</param>
    /// <param name="reconnected">Called whenever there is a link again.</param>
    public static void AddTo(
        IServiceCollection services, IReadOnlyList<Uri> silos, ProcessSettings settings, Action<IServiceProvider> reconnected)
    {
        services.AddGrainClient(s =>
        {
            var dialer = new LinkDialer(settings.Self, settings.Key, s.GetRequiredService<TimeProvider>());
            return new GrainClientOptions { Dial = cancel => DialAsync(s, dialer, silos, cancel) };
        });
        services.AddHostedService(s => new LinkNews(s.GetRequiredService<Embedded.Client.GrainClient>(), () => reconnected(s)));
    }

    private static IEnumerable<Uri> Addresses(string text) => text
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(part => Uri.TryCreate(part, UriKind.Absolute, out var address) && address.Scheme is "ws" or "wss"
            ? address
            : throw new UserException($"--silo {part} is no WebSocket address such as ws://127.0.0.1:9000/", ExitCodes.Usage));

    private static async Task<IGrainTransport> DialAsync(
        IServiceProvider services, LinkDialer dialer, IReadOnlyList<Uri> silos, CancellationToken cancel)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return new LinkTransport(await dialer.DialAsync(silos[i], LinkPurpose.Grains, cancel));
            }
            catch (LinkRefusedException e)
            {
                LogRefused(services.GetRequiredService<ILogger<GrainClient>>(), e.Message);
                Environment.ExitCode = ExitCodes.RefusedByPeer;
                services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
                throw;
            }
            catch (LinkException) when (i + 1 < silos.Count)
            {
                // The next one may answer.
            }
        }
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Critical, Message = "{Reason}")]
    private static partial void LogRefused(ILogger log, string reason);

    private sealed class LinkNews : IHostedService
    {
        public LinkNews(Embedded.Client.GrainClient client, Action connected) => client.StateChanged += state =>
        {
            if (state == GrainClientState.Connected) connected();
        };

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
#endif
