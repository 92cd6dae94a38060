using Notebook.JupyterWire.WebSockets;

namespace Notebook.JupyterWire;

/// <summary>
/// Memory for large messages. Memory that is new costs more than what is done with it: 200 MB are fifty thousand pages,
/// each brought by a fault and filled with zeros, which takes ten times as long as to fill them again. Left alone, the
/// garbage collector takes new memory for one large message after another, up to gigabytes, before it looks for what is
/// free. So it is told to look, in the background: the next large message gets the memory of one that is done with.
/// </summary>
public static class LargeMemory
{
    private const long CollectEvery = 128 << 20;
    private static long s_taken;

    /// <summary>An array that is not cleared.</summary>
    public static byte[] Allocate(int size)
    {
        if (size >= SocketMessage.LargeFrom) Take(size);
        return GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>So much memory is about to be taken for a large message, here or elsewhere.</summary>
    public static void Take(long bytes)
    {
        if (Interlocked.Add(ref s_taken, bytes) < CollectEvery) return;
        Interlocked.Exchange(ref s_taken, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
