using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Notebook.Gpu;

/// <summary>The door to <c>libnvidia-ml</c>: private imports, one checked method for each need.</summary>
internal static unsafe partial class Nvml
{
    private const string Library = "libnvidia-ml.so.1";
    private const int TextSize = 96;

    [StructLayout(LayoutKind.Sequential)]
    internal struct MemoryInfo
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    /// <summary>Whether the library can be loaded here.</summary>
    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(Library, out _);

    public static void Start() => Check(nvmlInit_v2());

    public static int Count()
    {
        Check(nvmlDeviceGetCount_v2(out var count));
        return checked((int)count);
    }

    public static nint Device(int index)
    {
        Check(nvmlDeviceGetHandleByIndex_v2((uint)index, out var device));
        return device;
    }

    public static string Uuid(nint device)
    {
        var text = stackalloc byte[TextSize];
        Check(nvmlDeviceGetUUID(device, text, TextSize));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    public static string Name(nint device)
    {
        var text = stackalloc byte[TextSize];
        Check(nvmlDeviceGetName(device, text, TextSize));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    public static MemoryInfo Memory(nint device)
    {
        Check(nvmlDeviceGetMemoryInfo(device, out var memory));
        return memory;
    }

    private static void Check(int status, [CallerMemberName] string call = "")
    {
        if (status != 0) throw new NvmlException(call, status, Marshal.PtrToStringUTF8(nvmlErrorString(status)) ?? "unknown");
    }

    [LibraryImport(Library)]
    private static partial int nvmlInit_v2();

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetCount_v2(out uint count);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetHandleByIndex_v2(uint index, out nint device);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetUUID(nint device, byte* text, uint size);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetName(nint device, byte* text, uint size);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetMemoryInfo(nint device, out MemoryInfo memory);

    [LibraryImport(Library)]
    private static partial nint nvmlErrorString(int status);
}
