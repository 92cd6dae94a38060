using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Notebook.Agent.Processes.Memory;

/// <summary>The door to Linux's own calls for memory that two processes share, and for handing it from one to the other.</summary>
internal static unsafe partial class LibC
{
    private const int SocketLevel = 1, Rights = 1;        // SOL_SOCKET, SCM_RIGHTS
    private const int DontWait = 0x40, NoSignal = 0x4000, CloseOnExec = 0x40000000;
    private const uint MemoryCloseOnExec = 1, MemoryMayBeSealed = 2;
    private const int AddSeals = 1033, GetSeals = 1034;   // F_ADD_SEALS, F_GET_SEALS

    /// <summary>No more seals, never shorter, never longer, never written to.</summary>
    private const int AllSeals = 1 | 2 | 4 | 8;

    /// <summary>Memory without a name that is freed when nobody has it any more; null where the system gives none.</summary>
    public static SafeFileHandle? NewMemory()
    {
        var descriptor = memfd_create("jupyter-message", MemoryCloseOnExec | MemoryMayBeSealed);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Has memory stay as it is, for good.</summary>
    public static bool TrySeal(SafeFileHandle memory) => fcntl(memory, AddSeals, AllSeals) == 0;

    /// <summary>Whether nobody can change the memory any more. Nothing but memory has seals.</summary>
    public static bool IsSealed(SafeFileHandle memory) => fcntl(memory, GetSeals, 0) is >= 0 and var seals && (seals & AllSeals) == AllSeals;

    /// <summary>Sends a number, and memory with it, without waiting; false when there is no room or nobody at the other end.</summary>
    public static bool TrySend(SafeSocketHandle socket, ulong number, SafeFileHandle memory)
    {
        var isHeld = false;
        try
        {
            memory.DangerousAddRef(ref isHeld);
            var control = new Control { Length = (nuint)sizeof(ControlHead) + sizeof(int), Level = SocketLevel, Type = Rights, Descriptor = (int)memory.DangerousGetHandle() };
            var piece = new Piece { Start = &number, Length = sizeof(ulong) };
            var message = new Message { Pieces = &piece, PieceCount = 1, Control = &control, ControlLength = (nuint)sizeof(Control) };
            return sendmsg(socket, &message, DontWait | NoSignal) == sizeof(ulong);
        }
        finally
        {
            if (isHeld) memory.DangerousRelease();
        }
    }

    /// <summary>Receives what <see cref="TrySend"/> has sent, without waiting; false when there is nothing.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="number">The number.</param>
    /// <param name="memory">What came with it; null when nothing did.</param>
    public static bool TryReceive(SafeSocketHandle socket, out ulong number, out SafeFileHandle? memory)
    {
        var control = new Control();
        ulong received = 0;
        var piece = new Piece { Start = &received, Length = sizeof(ulong) };
        var message = new Message { Pieces = &piece, PieceCount = 1, Control = &control, ControlLength = (nuint)sizeof(Control) };
        var length = recvmsg(socket, &message, DontWait | CloseOnExec);
        var isRight = control.Level == SocketLevel && control.Type == Rights && control.Length >= (nuint)sizeof(ControlHead) + sizeof(int);
        memory = length > 0 && isRight ? new SafeFileHandle(control.Descriptor, ownsHandle: true) : null;
        number = received;
        return length == sizeof(ulong);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Piece
    {
        public void* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHead
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    // Room for exactly one descriptor: the kernel of the operating system closes what does not fit.
    [StructLayout(LayoutKind.Sequential)]
    private struct Control
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
        public int Padding;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeSocketHandle socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeSocketHandle socket, Message* message, int flags);
}
