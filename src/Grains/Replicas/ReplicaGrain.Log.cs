using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Replicas;

internal sealed partial class ReplicaGrain
{
    [LoggerMessage(EventId = 3201, Level = LogLevel.Information, Message = "Replica {Replica} assigned to {Server}, incarnation {Incarnation}")]
    private partial void LogAssigned(ReplicaId replica, ServerId server, int incarnation);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Information, Message = "Replica {Replica}: {From} -> {To} {Reason}")]
    private partial void LogPhase(ReplicaId replica, ReplicaPhase? from, ReplicaPhase to, string? reason);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "Replica {Replica} lost its process ({Reason}); starting it again in {Pause}")]
    private partial void LogRestarting(ReplicaId replica, string reason, TimeSpan pause);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Error, Message = "Replica {Replica} given up after {Ends} ends within a minute: {Reason}")]
    private partial void LogGivenUp(ReplicaId replica, int ends, string reason);
}
