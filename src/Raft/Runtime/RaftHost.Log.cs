using Microsoft.Extensions.Logging;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

public sealed partial class RaftHost
{
    internal void GroupDamaged(GroupId group, Exception damage)
    {
        if (_logger is { } logger) LogDamaged(logger, damage, group);
    }

    internal void SnapshotTooLarge(GroupId group, int bytes)
    {
        Interlocked.Increment(ref Counts.SnapshotsTooLarge);
        if (_logger is { } logger) LogSnapshotTooLarge(logger, group, bytes, Options.MaxSnapshotBytes);
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Peer {Server} is up")]
    private static partial void LogPeerUp(ILogger logger, string server);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "Peer {Server} is down")]
    private static partial void LogPeerDown(ILogger logger, string server);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning, Message = "Peer {Server} sent what no well peer sends: {Fault}")]
    private static partial void LogFault(ILogger logger, string server, PeerFault fault);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Critical, Message = "The Raft host has failed: the process should end")]
    private static partial void LogFailed(ILogger logger, Exception failure);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Error, Message = "The log of group {Group} is damaged: its member here takes part no more")]
    private static partial void LogDamaged(ILogger logger, Exception damage, GroupId group);

    private void SayDiskIsSlow(SlowSync slow)
    {
        if (_logger is { } logger) LogSlowDisk(logger, slow.Took.TotalSeconds, slow.Count, slow.Longest.TotalSeconds);
    }

    [LoggerMessage(EventId = 5007, Level = LogLevel.Warning,
        Message = "The disk under the kernels' logs is too slow: a sync took {Seconds:0.0} s ({Count} took over 1 s since this was said last, the longest {Longest:0.0} s). "
            + "Cells' replies wait for it; give the agent's data directory a faster disk, or one of its own")]
    private static partial void LogSlowDisk(ILogger logger, double seconds, int count, double longest);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Warning, Message = "Group {Group}: a snapshot of {Bytes} bytes is over the limit of {Limit}; its log goes on growing")]
    private static partial void LogSnapshotTooLarge(ILogger logger, GroupId group, int bytes, int limit);
}
