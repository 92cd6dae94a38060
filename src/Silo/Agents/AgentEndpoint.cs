using Notebook.Contracts;
using Notebook.Links;
using Notebook.Links.Protocol;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Silo.Agents;

/// <summary>What the grain host does when an agent connects here, before its registration reaches the grain of its server.</summary>
internal delegate Task AgentArriving(ServerId server, CancellationToken cancel);

/// <summary>
/// Serves the links of agents. An agent registers, with all that it has, and is passed on to the grain of its server;
/// then its heartbeats and reports are, in order. The newest connection of an id is the agent's.
/// </summary>
internal sealed partial class AgentEndpoint(
    AgentRegistry registry, IGrainFactory grains, AgentArriving arriving, TimeProvider time, ILogger<AgentEndpoint> log)
{
    /// <summary>
    /// How long an agent may say nothing; it beats every second. A server whose processors are all taken by its users' cells
    /// may hold its agent up for seconds, and those cells must not be given up for that.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    /// <summary>Serves one link until it is gone.</summary>
    public async Task ServeAsync(Link link, CancellationToken stopping)
    {
        var server = new ServerId(link.Peer.Id);
        string? bootId = null;
        using var silence = time.CreateTimer(
            _ => link.Break($"{link.Peer} said nothing for {Silence.TotalSeconds:0} s"), null, Silence, Timeout.InfiniteTimeSpan);
        try
        {
            await foreach (var message in link.ReadAsync(AgentToSilo.Parser, stopping))
            {
                silence.Change(Silence, Timeout.InfiniteTimeSpan);
                if (Fault(message, link.Peer, bootId) is { } fault)
                {
                    await RefuseAsync(link, fault, stopping);
                    break;
                }

                if (message.Register is { } register) bootId = register.BootId;
                await PassOnAsync(message, server, link, stopping);
            }
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or InvalidOperationException)
        {
            LogGrainFailed(server, e);   // the agent dials again, and registers with all that it has
            link.Break($"the grain of server '{server}' failed: {e.Message}");
        }

        link.Break("served");
        if (bootId is not null && registry.Remove(server, link) && !stopping.IsCancellationRequested)
            await grains.GetGrain<IGpuServerGrain>(server.Value).Disconnected(bootId, await link.Closed);
    }

    private static string? Fault(AgentToSilo message, PeerIdentity peer, string? bootId) => message.BodyCase switch
    {
        _ when peer.Role != "agent" => $"{peer} is no agent",
        AgentToSilo.BodyOneofCase.Register => AgentFaults.Of(message.Register, peer.Id),
        _ when bootId is null => "it has to register first",
        AgentToSilo.BodyOneofCase.Heartbeat => AgentFaults.Of(message.Heartbeat),
        AgentToSilo.BodyOneofCase.Report => AgentFaults.Of(message.Report),
        _ => "it sent a message that this release does not know: run the same release everywhere",
    };

    private async Task PassOnAsync(AgentToSilo message, ServerId server, Link link, CancellationToken stopping)
    {
        var grain = grains.GetGrain<IGpuServerGrain>(server.Value);
        switch (message.BodyCase)
        {
            case AgentToSilo.BodyOneofCase.Register:
                await arriving(server, stopping);
                registry.Set(server, link);
                await grain.Connected(AgentMessages.ToRecord(message.Register));
                break;
            case AgentToSilo.BodyOneofCase.Heartbeat:
                await grain.Heartbeat(AgentMessages.ToRecord(message.Heartbeat));
                break;
            default:
                await grain.ReplicaReported(AgentMessages.ToRecord(message.Report));
                break;
        }
    }

    /// <summary>Says why, and leaves the agent a moment to read it before the link is closed.</summary>
    private async Task RefuseAsync(Link link, string fault, CancellationToken stopping)
    {
        LogRefused(link.Peer, fault);
        link.TrySend(new SiloToAgent { Refused = new Refused { Reason = fault } });
        using var limit = new CancellationTokenSource(s_farewell, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        await foreach (var _ in link.ReadAsync(both.Token)) { }
        link.Break($"refused: {fault}");
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "Refused {Peer}: {Fault}")]
    private partial void LogRefused(PeerIdentity peer, string fault);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "Could not pass on what the agent of {Server} said")]
    private partial void LogGrainFailed(ServerId server, Exception error);
}
