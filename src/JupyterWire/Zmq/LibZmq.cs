using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Notebook.JupyterWire.Zmq;

/// <summary>
/// The door to libzmq: private imports, one checked method for each need. Errors become <see cref="ZmqException"/>,
/// except those that are answers (would block, interrupted by a signal).
/// </summary>
internal static unsafe partial class LibZmq
{
    private const string Library = "zmq";
    private const int Interrupted = 4;          // EINTR
    private const int Again = 11;               // EAGAIN
    private const int Unreachable = 113;        // EHOSTUNREACH
    private const int MessageSize = 64;         // sizeof(zmq_msg_t), the same in every 4.x
    private const int DontWait = 1;
    private const int SendMore = 2;

    /// <summary>Frames from this size on are lent to libzmq, not copied.</summary>
    private const int LendFrom = 64 << 10;

    /// <summary>Frames from this size on may be borrowed from libzmq.</summary>
    private const int BorrowFrom = 4 << 20;

    /// <summary>One of these for each socket of a poll: <c>zmq_pollitem_t</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollItem
    {
        public nint Socket;
        public int Descriptor;
        public short Events;
        public short Ready;
    }

    static LibZmq() => NativeLibrary.SetDllImportResolver(typeof(LibZmq).Assembly, Resolve);

    public static nint NewContext(int ioThreads, int maxSockets)
    {
        var context = Check(zmq_ctx_new());
        Check(zmq_ctx_set(context, 1, ioThreads));
        Check(zmq_ctx_set(context, 2, maxSockets));
        return context;
    }

    /// <summary>Waits until the context's sockets are closed and their lingering messages sent.</summary>
    public static void Terminate(nint context)
    {
        while (zmq_ctx_term(context) != 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
        }
    }

    public static nint NewSocket(nint context, ZmqSocketType type) => Check(zmq_socket(context, (int)type));

    public static void Close(nint socket) => _ = zmq_close(socket);   // fails only for what is no socket

    public static void Bind(nint socket, string address) => Check(zmq_bind(socket, address), $"zmq_bind to {address}");

    public static void Connect(nint socket, string address) => Check(zmq_connect(socket, address), $"zmq_connect to {address}");

    public static void Set(nint socket, ZmqOption option, int value) => Check(zmq_setsockopt(socket, (int)option, &value, sizeof(int)));

    public static void Set(nint socket, ZmqOption option, ReadOnlySpan<byte> value)
    {
        fixed (byte* at = value) Check(zmq_setsockopt(socket, (int)option, at, (nuint)value.Length));
    }

    public static int Get(nint socket, ZmqOption option)
    {
        int value;
        nuint size = sizeof(int);
        Check(zmq_getsockopt(socket, (int)option, &value, &size));
        return value;
    }

    public static string GetText(nint socket, ZmqOption option)
    {
        var buffer = stackalloc byte[512];
        nuint size = 512;
        Check(zmq_getsockopt(socket, (int)option, buffer, &size));
        return Marshal.PtrToStringUTF8((nint)buffer) ?? "";
    }

    /// <summary>Sends one frame without waiting; false when the socket is full.</summary>
    public static bool TrySend(nint socket, ReadOnlyMemory<byte> frame, bool more)
    {
        if (frame.Length >= LendFrom) return TryLend(socket, frame, more);
        fixed (byte* data = frame.Span)
        {
            while (true)
            {
                if (zmq_send(socket, data, (nuint)frame.Length, DontWait | (more ? SendMore : 0)) >= 0) return true;
                if (WouldBlock()) return false;
            }
        }
    }

    private static bool TryLend(nint socket, ReadOnlyMemory<byte> frame, bool more)
    {
        var pin = frame.Pin();
        var loan = GCHandle.Alloc(pin);
        var message = stackalloc byte[MessageSize];
        Check(zmq_msg_init_data(message, pin.Pointer, (nuint)frame.Length, &GiveBack, (void*)GCHandle.ToIntPtr(loan)));
        while (true)
        {
            if (zmq_msg_send(message, socket, DontWait | (more ? SendMore : 0)) >= 0) return true;   // libzmq closes it
            if (!WouldBlock()) continue;
            _ = zmq_msg_close(message);   // gives the loan back
            return false;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void GiveBack(void* data, void* hint)
    {
        var loan = GCHandle.FromIntPtr((nint)hint);
        ((System.Buffers.MemoryHandle)loan.Target!).Dispose();
        loan.Free();
    }

    /// <summary>Receives one frame without waiting; null when there is none.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="borrow">Whether a large frame stays where libzmq has it (<see cref="BorrowedFrame"/>), or is copied.</param>
    /// <param name="more">Whether it has a successor in its message.</param>
    public static ReadOnlyMemory<byte>? TryReceive(nint socket, bool borrow, out bool more)
    {
        var message = stackalloc byte[MessageSize];
        Check(zmq_msg_init(message));
        try
        {
            while (zmq_msg_recv(message, socket, DontWait) < 0)
            {
                if (!WouldBlock()) continue;
                more = false;
                return null;
            }

            more = zmq_msg_more(message) != 0;
            var size = checked((int)zmq_msg_size(message));
            if (size == 0) return ReadOnlyMemory<byte>.Empty;
            if (borrow && size >= BorrowFrom) return Borrow(message, size).Memory;
            var frame = LargeMemory.Allocate(size);
            new ReadOnlySpan<byte>(zmq_msg_data(message), frame.Length).CopyTo(frame);
            return frame;
        }
        finally
        {
            _ = zmq_msg_close(message);
        }
    }

    private static BorrowedFrame Borrow(void* message, int size)
    {
        LargeMemory.Take(size);
        var moved = NativeMemory.Alloc(MessageSize);
        Check(zmq_msg_init(moved));
        Check(zmq_msg_move(moved, message));
        return new BorrowedFrame((nint)moved, (byte*)zmq_msg_data(moved), size);
    }

    /// <summary>For a borrowed message that nobody reads any more.</summary>
    public static void GiveBackMessage(nint message)
    {
        _ = zmq_msg_close((void*)message);
        NativeMemory.Free((void*)message);
    }

    /// <summary>Waits until one of the items is ready; 0 when the time is over or a signal came.</summary>
    public static int Poll(Span<PollItem> items, int timeoutMilliseconds)
    {
        fixed (PollItem* at = items)
        {
            var ready = zmq_poll(at, items.Length, new CLong(timeoutMilliseconds));
            if (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted) return 0;
            return Check(ready);
        }
    }

    public static string Version()
    {
        int major, minor, patch;
        zmq_version(&major, &minor, &patch);
        return $"{major}.{minor}.{patch}";
    }

    /// <summary>True for a full or empty socket, or a peer that is not there; false for a signal, after which the call is repeated; else throws.</summary>
    private static bool WouldBlock([CallerMemberName] string call = "")
    {
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Again or Unreachable => true,
            Interrupted => false,
            _ => throw Failure(call, error),
        };
    }

    private static int Check(int result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        result >= 0 ? result : throw Failure(call, Marshal.GetLastPInvokeError());

    private static nint Check(nint pointer, [CallerArgumentExpression(nameof(pointer))] string call = "") =>
        pointer != 0 ? pointer : throw Failure(call, Marshal.GetLastPInvokeError());

    private static ZmqException Failure(string call, int error) =>
        new(call.Split('(')[0], error, Marshal.PtrToStringUTF8(zmq_strerror(error)) ?? "unknown error");

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (var candidate in (string?[])[Environment.GetEnvironmentVariable("NOTEBOOK_LIBZMQ"), "libzmq.so.5", "libzmq.so", "libzmq.5.dylib"])
        {
            if (!string.IsNullOrEmpty(candidate) && NativeLibrary.TryLoad(candidate, assembly, path, out var library)) return library;
        }

        throw new DllNotFoundException(
            "libzmq was not found: install it ('apt-get install libzmq5'), or name its file in NOTEBOOK_LIBZMQ");
    }

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint zmq_ctx_new();

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_ctx_set(nint context, int option, int value);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_ctx_term(nint context);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint zmq_socket(nint context, int type);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_close(nint socket);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int zmq_bind(nint socket, string address);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int zmq_connect(nint socket, string address);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_setsockopt(nint socket, int option, void* value, nuint size);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_getsockopt(nint socket, int option, void* value, nuint* size);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_send(nint socket, void* data, nuint size, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_msg_init(void* message);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_msg_init_data(
        void* message, void* data, nuint size, delegate* unmanaged[Cdecl]<void*, void*, void> free, void* hint);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_msg_send(void* message, nint socket, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_msg_recv(void* message, nint socket, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_msg_move(void* to, void* from);

    [LibraryImport(Library)]
    private static partial int zmq_msg_close(void* message);

    [LibraryImport(Library)]
    private static partial void* zmq_msg_data(void* message);

    [LibraryImport(Library)]
    private static partial nuint zmq_msg_size(void* message);

    [LibraryImport(Library)]
    private static partial int zmq_msg_more(void* message);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_poll(PollItem* items, int count, CLong timeout);

    [LibraryImport(Library)]
    private static partial nint zmq_strerror(int error);

    [LibraryImport(Library)]
    private static partial void zmq_version(int* major, int* minor, int* patch);
}
