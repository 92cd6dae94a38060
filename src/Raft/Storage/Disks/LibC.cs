using System.Runtime.InteropServices;

namespace Notebook.Raft.Storage.Disks;

/// <summary>The one thing that .NET cannot do with a folder: make its changes durable.</summary>
internal static partial class LibC
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC on x64

    internal static void SyncDirectory(string folder)
    {
        var flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 | 0x80000 : ReadOnlyDirectory;
        var descriptor = open(folder, flags);
        if (descriptor < 0) throw Failure(folder, "open");
        try
        {
            if (fsync(descriptor) != 0) throw Failure(folder, "fsync");
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    private static IOException Failure(string folder, string call) =>
        new($"{call} of folder {folder} failed: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
