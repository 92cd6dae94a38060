using Notebook.Agent.Replicas;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Connections;

/// <summary>
/// The agent's link to the silo: made again for ever when it breaks. On each new link the agent first says all that it
/// has; after that, each change. A replica's report never follows a newer one of the same replica.
/// </summary>
internal sealed partial class SiloConnection(
    LinkDialer dialer, IReadOnlyList<Uri> silos, TimeProvider time, ILogger<SiloConnection> log)
{
    private static readonly TimeSpan s_heartbeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_shortLife = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _told = [];
    private readonly List<VersionedReport> _early = [];   // came between the inventory and its sending
    private Link? _link;
    private bool _isRegistered;

    /// <summary>Reports to the silo. Without a link nothing is sent: the next one begins with everything.</summary>
    public void Tell(VersionedReport report)
    {
        lock (_lock)
        {
            if (_link is null) return;
            if (_isRegistered) Send_NeedsLock(report);
            else _early.Add(report);
        }
    }

    /// <summary>Keeps the link up and carries out the silo's orders, until told to stop.</summary>
    /// <param name="register">Says all that the agent has, and how new each replica's report is.</param>
    /// <param name="load">How busy the server is.</param>
    /// <param name="obey">Carries out an order.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="LinkRefusedException">The silo refuses this agent.</exception>
    public async Task RunAsync(
        Func<(Register Register, IReadOnlyList<VersionedReport> Reports)> register, Func<Load> load, Action<SiloToAgent> obey, CancellationToken stop)
    {
        while (true)
        {
            await using var link = await dialer.DialUntilConnectedAsync(silos, LinkPurpose.Agent, LogUnreachable, stop);
            var since = time.GetTimestamp();
            LogConnected(link.Peer);
            Open(link, register);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var heartbeat = HeartbeatAsync(link, load, ended.Token);
            await foreach (var order in link.ReadAsync(SiloToAgent.Parser, stop))
            {
                if (order.Refused is { } refused) LogRefused(link.Peer, refused.Reason);   // it closes the link, too
                else obey(order);
            }

            Close(link);
            await ended.CancelAsync();
            await heartbeat;
            stop.ThrowIfCancellationRequested();
            LogLost(link.Peer, await link.Closed);
            if (time.GetElapsedTime(since) < s_shortLife) await Task.Delay(s_shortLife, time, stop);   // it hangs up on us
        }
    }

    private void Open(Link link, Func<(Register Register, IReadOnlyList<VersionedReport> Reports)> register)
    {
        lock (_lock) (_link, _isRegistered) = (link, false);
        var (inventory, reports) = register();   // outside the lock: it takes the replicas' locks
        lock (_lock)
        {
            link.TrySend(new AgentToSilo { Register = inventory });
            _told.Clear();
            foreach (var report in reports) _told[report.Report.Replica] = report.Version;
            _isRegistered = true;
            foreach (var early in _early) Send_NeedsLock(early);
            _early.Clear();
        }
    }

    private void Close(Link link)
    {
        lock (_lock)
        {
            if (_link != link) return;
            _link = null;
            _early.Clear();
        }
    }

    private void Send_NeedsLock(VersionedReport report)
    {
        var replica = report.Report.Replica;
        if (_told.TryGetValue(replica, out var told) && told >= report.Version && report.Version != long.MaxValue) return;
        if (report.Report.Phase == ReplicaPhase.ReplicaStopped || report.Version == long.MaxValue) _told.Remove(replica);
        else _told[replica] = report.Version;
        if (!_link!.TrySend(new AgentToSilo { Report = report.Report }))
            _link.Break("the silo does not take reports as fast as they come");   // the next link begins with everything
    }

    private async Task HeartbeatAsync(Link link, Func<Load> load, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_heartbeatInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) link.TrySend(new AgentToSilo { Heartbeat = load() });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(EventId = 3041, Level = LogLevel.Information, Message = "Connected to {Silo}")]
    private partial void LogConnected(PeerIdentity silo);

    [LoggerMessage(EventId = 3042, Level = LogLevel.Warning, Message = "Lost {Silo}: {Reason}")]
    private partial void LogLost(PeerIdentity silo, string reason);

    [LoggerMessage(EventId = 3044, Level = LogLevel.Error, Message = "{Silo} refuses what this agent says: {Reason}")]
    private partial void LogRefused(PeerIdentity silo, string reason);

    [LoggerMessage(EventId = 3043, Level = LogLevel.Information, Message = "No silo yet: {Reason}")]
    private partial void LogUnreachable(string reason);
}
