using Notebook.Objects;
using Notebook.Raft.Storage.Disks;

namespace Notebook.Agent.State;

/// <summary>The measures of what an agent keeps of its kernels' states.</summary>
internal sealed record StateOptions
{
    /// <summary>The limits of the store of large values.</summary>
    public ObjectStoreOptions Objects { get; init; } = new();

    /// <summary>Opens the disk for the logs in a folder.</summary>
    public Func<string, IDisk> OpenLogDisk { get; init; } = folder => new FolderDisk(folder);

    /// <summary>How long large values that nothing refers to may stay while there is room.</summary>
    public TimeSpan CollectPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// While there is no room for large values: how long the server wants none of those that it lacks, and how often its
    /// kernels are asked to let go of what they can do without.
    /// </summary>
    public TimeSpan ShortagePause { get; init; } = TimeSpan.FromSeconds(10);
}
