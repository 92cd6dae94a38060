namespace Notebook.Agent.Processes.Memory;

/// <summary>Where buffers lie in memory for a kernel process (<c>memory.py</c>): one after another, each from a multiple of 64 bytes on.</summary>
internal static class SharedLayout
{
    private const int Alignment = 64;

    /// <summary>Where each begins, and last how long the memory is.</summary>
    public static long[] StartsOf(IReadOnlyList<int> lengths)
    {
        var starts = new long[lengths.Count + 1];
        var end = 0L;
        for (var i = 0; i < lengths.Count; i++)
        {
            starts[i] = (end + Alignment - 1) / Alignment * Alignment;
            end = starts[i] + lengths[i];
        }

        starts[^1] = end;
        return starts;
    }
}
