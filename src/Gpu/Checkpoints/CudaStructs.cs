using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Notebook.Gpu.Checkpoints;

/// <summary>How to lock: 64 bytes, zero where nothing is said.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct CudaLockArguments
{
    public uint TimeoutMs;
}

/// <summary>Where one GPU's state goes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaGpuPair
{
    public Uuid From;
    public Uuid To;

    [InlineArray(16)]
    internal struct Uuid
    {
        private byte _first;
    }
}

/// <summary>How to restore: 64 bytes, zero where nothing is said.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct CudaRestoreArguments
{
    public CudaGpuPair* Pairs;
    public uint Count;
}
