using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Kernels;

internal sealed partial class KernelGrain
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Kernel {Kernel} ({Spec}, user {User}) starts on {Servers}")]
    private partial void LogStarted(KernelId kernel, string spec, string user, string servers);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Debug, Message = "Kernel {Kernel}: {MessageId} submitted: {Outcome}")]
    private partial void LogSubmitted(KernelId kernel, string messageId, SubmitOutcome outcome);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information,
        Message = "Kernel {Kernel}: execution {Execution} ({MessageId}) ordered at {Replica}, sent: {Sent}")]
    private partial void LogOrdered(KernelId kernel, long execution, string messageId, ReplicaId replica, bool sent);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Kernel {Kernel}: execution {Execution} is {Phase} {Reason}")]
    private partial void LogReported(KernelId kernel, long execution, ExecutionPhase phase, string? reason);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning,
        Message = "Kernel {Kernel}: execution {Execution} ({MessageId}) ended as {Kind}: {Reason}")]
    private partial void LogEnded(KernelId kernel, long execution, string messageId, CellEndKind kind, string? reason);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning,
        Message = "Kernel {Kernel} lost its executor {Replica} on {Server} ({Reason}); execution {Execution} ran there")]
    private partial void LogExecutorLost(KernelId kernel, ReplicaId? replica, ServerId server, string reason, long? execution);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Information, Message = "Kernel {Kernel} restarts as incarnation {Incarnation}")]
    private partial void LogRestarted(KernelId kernel, int incarnation);

    [LoggerMessage(EventId = 3008, Level = LogLevel.Information, Message = "Kernel {Kernel} is shut down")]
    private partial void LogShutdown(KernelId kernel);

    [LoggerMessage(EventId = 3009, Level = LogLevel.Error, Message = "Kernel {Kernel} is dead: {Reason}")]
    private partial void LogDied(KernelId kernel, string reason);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information,
        Message = "Kernel {Kernel} is activated with {Replicas} replicas; execution {Execution} was running")]
    private partial void LogRecovering(KernelId kernel, int replicas, long? execution);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "Kernel {Kernel} cannot recover yet: {Reason}")]
    private partial void LogRecoveryFailed(KernelId kernel, string reason);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Information,
        Message = "Kernel {Kernel} gets replica {Replica} on {Server} in place of {Replaced} {Reason}")]
    private partial void LogReplicaAdded(KernelId kernel, ReplicaId replica, ServerId server, ReplicaId? replaced, string? reason);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "Kernel {Kernel} cannot tell its replicas where the others are: {Reason}")]
    private partial void LogPeersNotTold(KernelId kernel, string reason);

    [LoggerMessage(EventId = 3018, Level = LogLevel.Information,
        Message = "Kernel {Kernel}: {Replica} is asked whether execution {Execution} ({MessageId}) counts, whose executor was lost")]
    private partial void LogRecall(KernelId kernel, long execution, string messageId, ReplicaId replica);

    [LoggerMessage(EventId = 3019, Level = LogLevel.Information,
        Message = "Kernel {Kernel}: execution {Execution} ({MessageId}) has not run at {Replica}, and is given to the next one that can: {Reason}")]
    private partial void LogPostponed(KernelId kernel, long execution, string messageId, ReplicaId replica, string reason);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Information, Message = "Kernel {Kernel}: its durability is {Durability} from now on; {Standby}")]
    private partial void LogKept(KernelId kernel, Durability durability, string standby);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Information, Message = "Kernel {Kernel}: its notebook has set what the cells that follow get: {Request}")]
    private partial void LogSetByNotebook(KernelId kernel, ResourceRequest? request);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Information,
        Message = "Kernel {Kernel}: replica {From} moves, as replica {To} on server {Server}: {Reason}")]
    private partial void LogMoveBegun(KernelId kernel, ReplicaId from, ReplicaId to, ServerId server, string reason);

    [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "Kernel {Kernel}: its only replica {From} hands over to {To}")]
    private partial void LogHandOver(KernelId kernel, ReplicaId from, ReplicaId to);

    [LoggerMessage(EventId = 3017, Level = LogLevel.Information, Message = "Kernel {Kernel}: the move of replica {From} to server {Server} ended, done: {Done} {Fault}")]
    private partial void LogMoveEnded(KernelId kernel, ReplicaId from, ServerId server, bool done, string? fault);
}
