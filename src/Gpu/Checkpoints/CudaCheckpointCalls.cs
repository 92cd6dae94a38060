using System.Runtime.InteropServices;
using Notebook.Gpu.Native;
using Notebook.Gpu.Nvidia;

namespace Notebook.Gpu.Checkpoints;

/// <summary>The door to the part of <c>libcuda</c> that moves a process's GPU state. Each call is checked; one that is missing is a fault.</summary>
/// <param name="exports">The library.</param>
/// <param name="driver">The driver's version, for what is said of it.</param>
internal sealed unsafe class CudaCheckpointCalls(INativeExports exports, string driver)
{
    /// <summary>The library's name.</summary>
    public const string Library = "libcuda.so.1";

    /// <summary>The first branch with these calls.</summary>
    public const int FirstDriver = 570;

    /// <summary>The status of a lock that came too late.</summary>
    public const int NotReady = 600;

    private const int OutOfMemory = 2;
    private const int NotPermitted = 800;
    private const int NotSupported = 801;
    private const int DriverMismatch = 803;

    public GpuFault? Start() =>
        exports.TryFind("cuInit", out var address) ? Check("cuInit", ((delegate* unmanaged[Cdecl]<uint, int>)address)(0)) : Lacks("cuInit");

    public GpuFault? Lock(int pid, TimeSpan within)
    {
        var arguments = new CudaLockArguments { TimeoutMs = (uint)Math.Clamp(within.TotalMilliseconds, 1, uint.MaxValue) };   // 0 would be for ever
        return Do("cuCheckpointProcessLock", pid, &arguments);
    }

    public GpuFault? Checkpoint(int pid) => Do("cuCheckpointProcessCheckpoint", pid, null);

    public GpuFault? Restore(int pid, ReadOnlySpan<CudaGpuPair> pairs)
    {
        const string call = "cuCheckpointProcessRestore";
        if (pairs.IsEmpty) return Do(call, pid, null);
        fixed (CudaGpuPair* first = pairs)
        {
            var arguments = new CudaRestoreArguments { Pairs = first, Count = (uint)pairs.Length };
            return Do(call, pid, &arguments);
        }
    }

    public GpuFault? Unlock(int pid) => Do("cuCheckpointProcessUnlock", pid, null);

    /// <summary>Where a process's GPU state is.</summary>
    public Answer<CheckpointPhase> Phase(int pid)
    {
        const string call = "cuCheckpointProcessGetState";
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        var state = 0;
        var status = ((delegate* unmanaged[Cdecl]<int, int*, int>)address)(pid, &state);
        var answer = Check(call, status) is { } fault ? new Answer<int>(0, fault) : new(state, null);
        return answer.If(s => s is >= (int)CheckpointPhase.Running and <= (int)CheckpointPhase.Failed, call).Then(s => (CheckpointPhase)s);
    }

    private GpuFault? Do(string call, int pid, void* arguments) => exports.TryFind(call, out var address)
        ? Check(call, ((delegate* unmanaged[Cdecl]<int, void*, int>)address)(pid, arguments))
        : Lacks(call);

    private GpuFault? Check(string call, int status) => status switch
    {
        0 => null,
        OutOfMemory => new GpuFault.OutOfMemory(call),
        NotPermitted => new GpuFault.NoPermission(call),
        NotSupported => new GpuFault.NotSupported(call),
        DriverMismatch => new GpuFault.DriverMismatch(call),
        _ => new GpuFault.Unknown(call, status, Say(status)),
    };

    private GpuFault.DriverTooOld Lacks(string call) => new(driver, call, FirstDriver);

    private string Say(int status)
    {
        nint text = 0;
        return exports.TryFind("cuGetErrorString", out var address)
            && ((delegate* unmanaged[Cdecl]<int, nint*, int>)address)(status, &text) == 0
            && Marshal.PtrToStringUTF8(text) is { Length: > 0 } said
                ? said
                : "status without a name";
    }
}
