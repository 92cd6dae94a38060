using System.Collections.Immutable;
using Notebook.Agent.Chunks;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Replicas;

/// <content>
/// Durability <c>all</c>: a cell's reply also waits until a majority of the servers holds the large values that its change
/// names. They go on arriving, or the wait ends and the reply says that it is no promise; the cell ran all the same.
/// </content>
internal sealed partial class Replica
{
    private static readonly TimeSpan s_chunkLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_chunkLook = TimeSpan.FromSeconds(1);
    private TaskCompletionSource? _chunksWaited;   // not null while a reply waits for chunks

    /// <summary>Waits for a committed change's large values.</summary>
    /// <param name="chunks">These.</param>
    /// <param name="offered">The servers that they were offered to; others are not asked whether they hold them.</param>
    /// <returns>What the user is told when they are not safe; null when they are, or need not be.</returns>
    private async Task<string?> WaitForChunksAsync(ImmutableArray<ChunkRef> chunks, HashSet<string> offered)
    {
        lock (_lock)
        {
            if (chunks.IsEmpty || _order!.Durability != Durability.All) return null;
        }

        var start = services.Time.GetTimestamp();
        var wait = new ChunkWait(chunks, s_chunkLimit, TimeSpan.Zero);
        while (true)
        {
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock) _chunksWaited = signal;
            offered.UnionWith(services.Logs.Chunks.Offer([.. OtherServers().Where(server => !offered.Contains(server))], chunks));
            var goesOn = wait.Look(chunk => IsWithMajority(chunk, offered), services.Time.GetElapsedTime(start));
            if (!goesOn || _order is not { Durability: Durability.All }) break;
            await Task.WhenAny(signal.Task, Task.Delay(s_chunkLook, services.Time));
        }

        lock (_lock) _chunksWaited = null;
        if (wait.Bytes == 0 || _order is not { Durability: Durability.All }) return null;
        LogChunksLate(id, wait.Bytes, s_chunkLimit.TotalSeconds);
        return Shortfall(wait.Bytes, chunks.Sum(chunk => (long)chunk.Length));
    }

    private string Shortfall(long missing, long all)
    {
        var others = OtherServers();
        return $"the cell ran, and its variables are kept but for {missing} of {all} bytes of large values, which are on server {services.Server} alone: "
            + $"{string.Join(" and ", others)} took none of them for {s_chunkLimit.TotalSeconds:0} s. They are lost only if this server is lost before; "
            + "they go on being copied, and state_safe of 'notebook status' says when that is done. Do not run the cell again for that. "
            + "The other servers' disks may be full, or their network down.";
    }

    [LoggerMessage(EventId = 3093, Level = LogLevel.Warning,
        Message = "Replica {Replica}: {Bytes} bytes of large values are not with a majority of the servers, none arrived for {Seconds} s; the reply says so")]
    private partial void LogChunksLate(string replica, long bytes, double seconds);
}
