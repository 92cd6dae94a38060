using System.Runtime.InteropServices;

namespace Notebook.Gpu.Tests.Nvidia;

// The shapes of NVML's functions, as its header has them.
[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate int Nothing();

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int Out(byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate int OfHandle(nint handle);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfHandleOut(nint handle, byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfHandleTwoOut(nint handle, byte* first, byte* second);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfNumberOut(uint number, byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfHandleNumberOut(nint handle, uint number, byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfHandleTwoNumbersOut(nint handle, uint first, uint second, byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfPairOut(nint one, nint other, byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfPairNumberOut(nint one, nint other, uint number, byte* value);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int TextOut(byte* text, uint size);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfHandleTextOut(nint handle, byte* text, uint size);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfHandleTable(nint handle, uint* count, byte* table);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate int OfHandleMaskSet(nint handle, ulong mask, nint set);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal unsafe delegate int OfSetOutTimeout(nint set, byte* value, uint timeoutMs);

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate nint TextOfStatus(int status);
