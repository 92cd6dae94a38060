using System.Runtime.InteropServices;
using Notebook.Gpu.Native;

namespace Notebook.Gpu.Tests.Checkpoints;

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate int OfFlags(uint flags);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfProcess(int pid, byte* arguments);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int TextOfStatusOut(int status, nint* text);

/// <summary>
/// The part of a CUDA driver that moves processes' GPU state, behind true native entry points. It holds callers to the order of
/// the steps and to arguments that are zero where the header reserves them. Each step can fail, before or after it was done.
/// </summary>
internal sealed unsafe class FakeCuda : INativeExports, IDisposable
{
    public const int Running = 0;
    public const int Locked = 1;
    public const int Checkpointed = 2;
    public const int Failed = 3;

    private const int InvalidValue = 1;
    private const int NotInitialized = 3;
    private const int IllegalState = 401;
    private const int NotReady = 600;

    private readonly Dictionary<string, Delegate> _functions = [];
    private readonly nint _text = Marshal.StringToCoTaskMemUTF8("what the driver says");
    private bool _isInitialized;

    public FakeCuda()
    {
        _functions["cuInit"] = new OfFlags(flags =>
        {
            if (Failures.TryGetValue("cuInit", out var status)) return status;
            _isInitialized = flags == 0;
            return 0;
        });
        _functions["cuGetErrorString"] = new TextOfStatusOut((_, text) =>
        {
            *text = _text;
            return 0;
        });
        Add("cuCheckpointProcessGetState", (pid, value) =>
        {
            *(int*)value = Processes[pid];
            return 0;
        });
        Add("cuCheckpointProcessLock", (pid, arguments) => IsBusy && *(uint*)arguments > 0 && IsZero(arguments, 4) ? NotReady : Step(pid, Running, Locked));
        Add("cuCheckpointProcessCheckpoint", (pid, arguments) => arguments == null ? Step(pid, Locked, Checkpointed) : InvalidValue);
        Add("cuCheckpointProcessRestore", (pid, arguments) => arguments == null || TakesPairs(arguments) ? Step(pid, Checkpointed, Locked) : InvalidValue);
        Add("cuCheckpointProcessUnlock", (pid, arguments) => arguments == null ? Step(pid, Locked, Running) : InvalidValue);
    }

    /// <summary>Where the living processes' state is.</summary>
    public Dictionary<int, int> Processes { get; } = [];

    /// <summary>Which functions answer with which status in place of working.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>What becomes of a process as a function is called, before it fails.</summary>
    public Dictionary<string, Action<int>> Beforehand { get; } = [];

    /// <summary>Which functions there are not.</summary>
    public HashSet<string> Lacks { get; } = [];

    public List<string> Calls { get; } = [];

    /// <summary>Whether processes do not come to a stop.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The GPUs that the last restore named, as hexadecimal digits.</summary>
    public List<(string From, string To)> Pairs { get; } = [];

    public IEnumerable<string> Names => _functions.Keys;

    public bool TryFind(string name, out nint address)
    {
        var isThere = _functions.TryGetValue(name, out var function) && !Lacks.Contains(name);
        address = isThere ? Marshal.GetFunctionPointerForDelegate(function!) : 0;
        return isThere;
    }

    public void Dispose() => Marshal.FreeCoTaskMem(_text);

    private void Add(string name, OfProcess work) => _functions[name] = new OfProcess((pid, arguments) =>
    {
        Calls.Add(name);
        if (!_isInitialized) return NotInitialized;
        if (Beforehand.TryGetValue(name, out var happens)) happens(pid);
        if (Failures.TryGetValue(name, out var status)) return status;
        return Processes.ContainsKey(pid) ? work(pid, arguments) : InvalidValue;
    });

    private int Step(int pid, int from, int to)
    {
        if (Processes[pid] != from) return IllegalState;
        Processes[pid] = to;
        return 0;
    }

    // A pointer, a count, and 52 bytes that are reserved.
    private bool TakesPairs(byte* arguments)
    {
        var pairs = *(byte**)arguments;
        Pairs.Clear();
        for (var n = 0; n < *(uint*)(arguments + 8); n++, pairs += 32)
            Pairs.Add((Convert.ToHexString(new ReadOnlySpan<byte>(pairs, 16)), Convert.ToHexString(new ReadOnlySpan<byte>(pairs + 16, 16))));
        return IsZero(arguments, 12);
    }

    private static bool IsZero(byte* arguments, int from) => !new ReadOnlySpan<byte>(arguments + from, 64 - from).ContainsAnyExcept((byte)0);
}
