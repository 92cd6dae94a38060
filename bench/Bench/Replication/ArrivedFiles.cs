namespace Notebook.Bench.Replication;

/// <summary>
/// How many bytes came to a server, by what it wrote: its chunks, each of which it fetches once and keeps in a file of its
/// own, and its log. Files that go again have come all the same.
/// </summary>
internal sealed class ArrivedFiles(string folder)
{
    private readonly Dictionary<string, long> _largest = [];

    /// <summary>Bytes so far.</summary>
    public long ArrivedBytes => _largest.Values.Sum();

    /// <summary>Looks; says whether more has come since the last look.</summary>
    public bool Look()
    {
        var before = ArrivedBytes;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.Extension == ".tmp") continue;   // renamed when it is whole
            var length = LengthOf(file);
            if (length > _largest.GetValueOrDefault(file.FullName)) _largest[file.FullName] = length;
        }

        return ArrivedBytes > before;
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;   // gone since it was listed
        }
    }
}
