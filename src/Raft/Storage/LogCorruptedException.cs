namespace Notebook.Raft.Storage;

/// <summary>Bytes on disk are not what was written. The group cannot serve them; its peers have them still.</summary>
/// <param name="group">Whose log it is.</param>
/// <param name="index">The entry that cannot be read; 0 for the snapshot.</param>
/// <param name="found">What was found, and where.</param>
public sealed class LogCorruptedException(GroupId group, long index, string found)
    : IOException($"the log of group {group} is damaged at {(index == 0 ? "its snapshot" : $"entry {index}")}: {found}")
{
    /// <summary>Whose log it is.</summary>
    public GroupId Group => group;

    /// <summary>The entry that cannot be read; 0 for the snapshot.</summary>
    public long Index => index;
}
