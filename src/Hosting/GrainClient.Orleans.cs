#if ORLEANS_HOST
using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Notebook.Hosting;

/// <summary>How a process that is no silo reaches the grains: here, as a client of the Orleans cluster in PostgreSQL.</summary>
public sealed partial class GrainClient
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Option<string> _postgresFile = new("--postgres-file")
    {
        Description = "File with the connection string of the cluster's database.",
        Required = true,
    };

    private readonly Option<string> _clusterId = new("--cluster-id")
    {
        Description = "Name of the cluster in the database.",
        DefaultValueFactory = _ => "notebook",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public GrainClient(Command command)
    {
        command.Add(_postgresFile);
        command.Add(_clusterId);
    }

    /// <summary>Adds <see cref="IClusterClient"/>. The process starts when a silo answers, and not before.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="parsed">Its command line.</param>
    /// <param name="settings">Who it is.</param>
    /// <param name="reconnected">Called when silos came or went: subscriptions at those that went are lost.</param>
    public void AddTo(WebApplicationBuilder builder, ParseResult parsed, ProcessSettings settings, Action<IServiceProvider> reconnected)
    {
        var cluster = new OrleansCluster(parsed.GetRequiredValue(_clusterId), PostgresFile.Read(parsed.GetRequiredValue(_postgresFile)));
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Id, cluster.Id));
            client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (OrleansCluster.Invariant, cluster.ConnectionString));
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.Services.AddSingleton<IClientConnectionRetryFilter, TryUntilConnected>();
            client.AddGatewayCountChangedHandler(services => (_, _) => reconnected(services));
        });
    }

    private sealed partial class TryUntilConnected(TimeProvider time, ILogger<TryUntilConnected> log) : IClientConnectionRetryFilter
    {
        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            LogNotYet(exception.Message);
            await Task.Delay(s_pause, time, cancellationToken);
            return true;
        }

        [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "No silo answers yet: {Reason}")]
        private partial void LogNotYet(string reason);
    }
}
#endif
