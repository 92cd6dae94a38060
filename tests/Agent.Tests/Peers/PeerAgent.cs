using Microsoft.Extensions.Logging;
using Notebook.Agent.Peers;
using Notebook.Links;

namespace Notebook.Agent.Tests.Peers;

/// <summary>The part of an agent that has to do with other agents, on a real listener, and what it says of them.</summary>
internal sealed class PeerAgent : IAsyncDisposable
{
    public string Id { get; }

    private PeerListener _listener = null!;

    private PeerAgent(string id, ClusterKey key, TimeProvider time)
    {
        Id = id;
        var self = new PeerIdentity("agent", id);
        Dialer = new WalledDialer(new PeerDialer(new LinkDialer(self, key, TimeProvider.System)));
        Links = new PeerLinks(self, Dialer, time, new Logger<PeerLinks>(new LoggerFactory([Log])));
        Links.PeerUp += server => Events.Add($"{server} up");
        Links.PeerDown += (server, reason) => Events.Add($"{server} down: {reason}");
        Links.Received += (server, body, bytes) => Frames.Add((server, body, bytes.ToArray()));
    }

    public WalledDialer Dialer { get; }

    public PeerLinks Links { get; }

    public Inbox<string> Events { get; } = new();

    public Inbox<(string Server, PeerBody Body, byte[] Bytes)> Frames { get; } = new();

    public LogLines Log { get; } = new();

    public Uri Address => _listener.Address;

    public static async Task<PeerAgent> StartAsync(string id, ClusterKey key, TimeProvider? time = null, Uri? at = null)
    {
        var agent = new PeerAgent(id, key, time ?? TimeProvider.System);
        agent._listener = await PeerListener.StartAsync(new("agent", id), key, agent.Log, agent.Links.ServeAsync, at);
        return agent;
    }

    /// <summary>Both want each other, as the silo tells both.</summary>
    public void Meet(PeerAgent other)
    {
        Links.Want(other.Id, other.Address);
        other.Links.Want(Id, Address);
    }

    public Task UpAsync(string server) => Events.NextAsync($"{Id} sees {server} up", e => e == $"{server} up");

    public Task<string> DownAsync(string server) =>
        Events.NextAsync($"{Id} sees {server} down", e => e.StartsWith($"{server} down", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Links.DisposeAsync();
        await _listener.DisposeAsync();
    }
}
