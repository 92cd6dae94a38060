namespace Notebook.Agent.Processes;

/// <summary>How many warm processes a server's memory has room for. No clock, no IO.</summary>
internal static class PoolRules
{
    /// <summary>The most processes of one kernelspec that are kept warm.</summary>
    public const int MaxSize = 64;

    /// <summary>At most a quarter of the memory that is free goes to processes that nobody uses yet.</summary>
    public const int MemoryShare = 4;

    /// <summary>How many of each kernelspec are kept warm, when so many are asked for.</summary>
    /// <param name="asked">How many are asked for.</param>
    /// <param name="pools">How many kernelspecs there are.</param>
    /// <param name="warm">Warm processes of all kernelspecs now.</param>
    /// <param name="processMemoryMb">Memory that one takes for itself; 0 while unknown.</param>
    /// <param name="freeMemoryMb">Memory that is free; null where that is not known.</param>
    public static int Size(int asked, int pools, int warm, long processMemoryMb, long? freeMemoryMb)
    {
        var size = Math.Clamp(asked, 0, MaxSize);
        if (pools == 0 || processMemoryMb <= 0 || freeMemoryMb is not { } free) return size;
        return (int)Math.Min(size, (warm + (Math.Max(0, free) / MemoryShare / processMemoryMb)) / pools);
    }
}
