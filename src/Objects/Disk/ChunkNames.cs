namespace Notebook.Objects.Disk;

/// <summary>
/// Names of the store's files: <c>chunks/3f/3f0a…</c> for a chunk (its hash, in 256 folders), <c>chunks/3f/17.tmp</c> for one
/// that is being written, <c>quarantine/3f0a…</c> for one that decayed. Temporary files are in the folder where they end up,
/// because ext4 keeps the inodes of one folder together: with all of them in one, it took 25 times as long to create a file.
/// </summary>
internal static class ChunkNames
{
    internal const string Chunks = "chunks";
    internal const string Quarantine = "quarantine";
    private const string TemporaryEnd = ".tmp";

    internal static string Of(ObjectHash hash)
    {
        var text = hash.ToString();
        return $"{Chunks}/{text[..2]}/{text}";
    }

    internal static string TemporaryOf(ObjectHash hash, long number) => $"{Chunks}/{hash.ToString()[..2]}/{number}{TemporaryEnd}";

    internal static string QuarantineOf(ObjectHash hash) => $"{Quarantine}/{hash}";

    internal static bool IsTemporary(string name) =>
        name.StartsWith($"{Chunks}/", StringComparison.Ordinal) && name.EndsWith(TemporaryEnd, StringComparison.Ordinal);

    internal static bool IsQuarantine(string name) => name.StartsWith($"{Quarantine}/", StringComparison.Ordinal);

    /// <summary>The chunk that a file's name says it is; false for any other file.</summary>
    internal static bool TryParse(string name, out ObjectHash hash) =>
        ObjectHash.TryParse(name.AsSpan(name.LastIndexOf('/') + 1), out hash) && name == Of(hash);
}
