using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

/// <summary>A silo as an agent sees it: takes its registrations and reports, gives it orders.</summary>
internal sealed class FakeSilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private Link? _link;

    private FakeSilo(ClusterKey key)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapLinks(new LinkServices(new PeerIdentity("silo", "silo"), key, TimeProvider.System,
            new Dictionary<string, Func<Link, CancellationToken, Task>> { [LinkPurpose.Agent] = ServeAsync }));
    }

    public Inbox<Register> Registrations { get; } = new();

    public Inbox<ReplicaReport> Reports { get; } = new();

    public Inbox<Load> Heartbeats { get; } = new();

    public Uri Address => new UriBuilder(_app.ListeningAddress()) { Scheme = "ws" }.Uri;

    public static async Task<FakeSilo> StartAsync(ClusterKey key)
    {
        var silo = new FakeSilo(key);
        await silo._app.StartAsync();
        return silo;
    }

    public void Order(SiloToAgent order) => Assert.True(_link!.TrySend(order), "the order was not sent");

    public void BreakLink() => _link!.Break("the test breaks it");

    public Task<ReplicaReport> ReplicaAsync(string replica, ReplicaPhase phase, TimeSpan? limit = null) =>
        Reports.NextAsync($"{replica} becomes {phase}", r => r.Replica == replica && r.Phase == phase, limit);

    public async Task<ExecutionReport> ExecutionAsync(string replica, string messageId, ExecutionPhase phase, TimeSpan? limit = null)
    {
        var report = await Reports.NextAsync(
            $"cell {messageId} of {replica} becomes {phase}",
            r => r.Replica == replica && r.LastExecution?.MessageId == messageId && r.LastExecution.Phase == phase, limit);
        return report.LastExecution;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ServeAsync(Link link, CancellationToken stop)
    {
        _link = link;
        await foreach (var message in link.ReadAsync(AgentToSilo.Parser, stop))
        {
            if (message.Register is { } register) Registrations.Add(register);
            if (message.Report is { } report) Reports.Add(report);
            if (message.Heartbeat is { } load) Heartbeats.Add(load);
        }
    }
}
