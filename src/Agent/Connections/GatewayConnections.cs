using Notebook.Agent.Processes.Memory;
using Notebook.Agent.Replicas;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Connections;

/// <summary>Serves gateways: the bytes of Jupyter messages, both ways.</summary>
internal sealed partial class GatewayConnections(ReplicaTable replicas, ILogger<GatewayConnections> log)
{
    /// <summary>Serves one gateway until its link is gone.</summary>
    public async Task ServeAsync(Link link, CancellationToken stop)
    {
        var attached = new HashSet<string>();
        try
        {
            await foreach (var message in link.ReadAsync(GatewayToAgent.Parser, BuffersMemory.TryMake, stop)) Serve(link, message, attached);
        }
        finally
        {
            foreach (var replica in attached) replicas.Find(replica)?.Detach(link);
        }
    }

    private void Serve(Link link, GatewayToAgent message, HashSet<string> attached)
    {
        switch (message.BodyCase)
        {
            case GatewayToAgent.BodyOneofCase.Attach when Find(link, message.Attach.Replica) is { } replica:
                attached.Add(replica.Id);
                replica.Attach(link, message.Attach.After);
                break;
            case GatewayToAgent.BodyOneofCase.Detach:
                attached.Remove(message.Detach.Replica);
                replicas.Find(message.Detach.Replica)?.Detach(link);
                break;
            case GatewayToAgent.BodyOneofCase.Stage when message.Stage.Message is not { MessageId.Length: > 0 }:
                LogRefused(link.Peer, message.Stage.Replica, "a cell without a msg_id");
                break;
            case GatewayToAgent.BodyOneofCase.Stage when Find(link, message.Stage.Replica) is { } replica:
                replica.Stage(message.Stage.Message);
                break;
            case GatewayToAgent.BodyOneofCase.Discard:
                replicas.Find(message.Discard.Replica)?.Discard(message.Discard.MessageIds);
                break;
            case GatewayToAgent.BodyOneofCase.Forward when message.Forward.Message is null:
                break;
            case GatewayToAgent.BodyOneofCase.Forward when Find(link, message.Forward.Replica) is { } replica:
                if (replica.Forward(message.Forward.Message) is { } fault) LogRefused(link.Peer, replica.Id, fault);
                break;
            case GatewayToAgent.BodyOneofCase.Delivered:
                replicas.Find(message.Delivered.Replica)?.Delivered(link, message.Delivered.Number);
                break;
            default:
                break;   // for a replica that is not here, which was answered, or of a newer gateway
        }
    }

    private Replica? Find(Link link, string id)
    {
        if (replicas.Find(id) is { } replica) return replica;
        link.TrySend(new AgentToGateway { NotHere = new NotHere { Replica = id, Reason = "this agent does not know the replica" } });
        return null;
    }

    [LoggerMessage(EventId = 3051, Level = LogLevel.Warning, Message = "A message of {Gateway} for {Replica} was dropped: {Reason}")]
    private partial void LogRefused(PeerIdentity gateway, string replica, string reason);
}
