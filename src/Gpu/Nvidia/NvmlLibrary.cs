using System.Runtime.InteropServices;
using System.Text;
using Notebook.Gpu.Native;

namespace Notebook.Gpu.Nvidia;

/// <summary>
/// The door to <c>libnvidia-ml</c>: calls by name in the few shapes that they have, each checked. A call that the driver
/// does not have is answered like one that it refuses, which is why these are function pointers and not imports.
/// The caller says how large a value is: types here must be laid out as NVML's.
/// </summary>
internal sealed unsafe class NvmlLibrary(INativeExports exports)
{
    /// <summary>The library's name.</summary>
    public const string Name = "libnvidia-ml.so.1";

    /// <summary>The driver's version for what is said of it, once that is known.</summary>
    public string Driver { get; set; } = "found here";

    /// <summary>Whether the driver has a call.</summary>
    public bool Has(string call) => exports.TryFind(call, out _);

    /// <summary>A call without arguments.</summary>
    public GpuFault? Do(string call) =>
        exports.TryFind(call, out var address) ? Check(call, ((delegate* unmanaged[Cdecl]<int>)address)()) : Lacks(call);

    /// <summary>A call with one handle.</summary>
    public GpuFault? Do(string call, nint handle) =>
        exports.TryFind(call, out var address) ? Check(call, ((delegate* unmanaged[Cdecl]<nint, int>)address)(handle)) : Lacks(call);

    /// <summary>Asks for events of a device.</summary>
    public GpuFault? Do(string call, nint device, ulong mask, nint set) => exports.TryFind(call, out var address)
        ? Check(call, ((delegate* unmanaged[Cdecl]<nint, ulong, nint, int>)address)(device, mask, set))
        : Lacks(call);

    /// <summary>Asks for a value.</summary>
    public Answer<T> Ask<T>(string call) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T value = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<void*, int>)address)(&value), value);
    }

    /// <summary>Asks a device, or anything with a handle, for a value.</summary>
    /// <param name="call">Which call.</param>
    /// <param name="handle">The device.</param>
    /// <param name="value">What the call finds in the value's place, such as a struct's version.</param>
    public Answer<T> Ask<T>(string call, nint handle, T value = default) where T : unmanaged =>
        exports.TryFind(call, out var address)
            ? Of(call, ((delegate* unmanaged[Cdecl]<nint, void*, int>)address)(handle, &value), value)
            : new(default, Lacks(call));

    /// <summary>Asks for a value by number: a device by index, a device's clock by its kind.</summary>
    public Answer<T> Ask<T>(string call, uint number) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T value = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<uint, void*, int>)address)(number, &value), value);
    }

    /// <summary>Asks a device for a value by number.</summary>
    public Answer<T> Ask<T>(string call, nint handle, uint number) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T value = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<nint, uint, void*, int>)address)(handle, number, &value), value);
    }

    /// <summary>Asks a device for a value by two numbers.</summary>
    public Answer<T> Ask<T>(string call, nint handle, uint first, uint second) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T value = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<nint, uint, uint, void*, int>)address)(handle, first, second, &value), value);
    }

    /// <summary>Asks for what two devices have between them.</summary>
    public Answer<T> AskPair<T>(string call, nint one, nint other) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T value = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<nint, nint, void*, int>)address)(one, other, &value), value);
    }

    /// <summary>Asks for what two devices have between them, by number.</summary>
    public Answer<T> AskPair<T>(string call, nint one, nint other, uint number) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T value = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<nint, nint, uint, void*, int>)address)(one, other, number, &value), value);
    }

    /// <summary>Asks a device for two values.</summary>
    public Answer<(T First, T Second)> AskTwo<T>(string call, nint handle) where T : unmanaged
    {
        if (!exports.TryFind(call, out var address)) return new(default, Lacks(call));
        T first = default, second = default;
        return Of(call, ((delegate* unmanaged[Cdecl]<nint, void*, void*, int>)address)(handle, &first, &second), (first, second));
    }

    /// <summary>Asks for a text of at most <paramref name="size"/> bytes with its end.</summary>
    public Answer<string> AskText(string call, int size)
    {
        if (!exports.TryFind(call, out var address)) return new("", Lacks(call));
        Span<byte> text = stackalloc byte[size];
        fixed (byte* at = text) return TextOf(call, ((delegate* unmanaged[Cdecl]<byte*, uint, int>)address)(at, (uint)size), text);
    }

    /// <summary>Asks a device for a text of at most <paramref name="size"/> bytes with its end.</summary>
    public Answer<string> AskText(string call, nint handle, int size)
    {
        if (!exports.TryFind(call, out var address)) return new("", Lacks(call));
        Span<byte> text = stackalloc byte[size];
        fixed (byte* at = text) return TextOf(call, ((delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)address)(handle, at, (uint)size), text);
    }

    /// <summary>Asks a device for a table.</summary>
    /// <param name="call">Which call.</param>
    /// <param name="handle">The device.</param>
    /// <param name="table">Room for it.</param>
    /// <param name="room">How many entries have room, as the driver is told.</param>
    /// <param name="tooSmall">Whether it has more entries than there is room for. The answer is then how many.</param>
    /// <returns>How many entries it has.</returns>
    public Answer<uint> AskTable(string call, nint handle, Span<byte> table, uint room, out bool tooSmall)
    {
        tooSmall = false;
        if (!exports.TryFind(call, out var address)) return new(0, Lacks(call));
        var count = room;
        int status;
        fixed (byte* at = table) status = ((delegate* unmanaged[Cdecl]<nint, uint*, byte*, int>)address)(handle, &count, at);
        tooSmall = status == NvmlStatus.InsufficientSize || (status == NvmlStatus.Success && count > room);
        return tooSmall ? new(count, null) : Of(call, status, count);
    }

    /// <summary>Takes an event; the answer's value is null when there is none.</summary>
    public Answer<NvmlEvent?> Take(string call, nint set)
    {
        if (!exports.TryFind(call, out var address)) return new(null, Lacks(call));
        NvmlEvent happened = default;
        var status = ((delegate* unmanaged[Cdecl]<nint, void*, uint, int>)address)(set, &happened, 0);
        return status == NvmlStatus.Timeout ? new(null, null) : Of<NvmlEvent?>(call, status, happened);
    }

    private Answer<T> Of<T>(string call, int status, T value) => Check(call, status) is { } fault ? new(default!, fault) : new(value, null);

    private Answer<string> TextOf(string call, int status, ReadOnlySpan<byte> text)
    {
        if (Check(call, status) is { } fault) return new("", fault);
        var end = text.IndexOf((byte)0);
        return end > 0
            ? new(Encoding.UTF8.GetString(text[..end]), null)
            : new("", new GpuFault.Unknown(call, status, end == 0 ? "an empty text" : "a text without end"));
    }

    private GpuFault? Check(string call, int status) => status == NvmlStatus.Success ? null : NvmlStatus.Fault(call, status, Say(status), Driver);

    private GpuFault.DriverTooOld Lacks(string call) => new(Driver, call);

    private string Say(int status) =>
        exports.TryFind("nvmlErrorString", out var address)
        && Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<int, nint>)address)(status)) is { Length: > 0 } text
            ? text
            : "status without a name";
}
