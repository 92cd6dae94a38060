using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Notebook.Objects.Disk;

/// <summary>
/// Linux's ways to make files durable. .NET cannot open a folder, and a new file's name is only on the disk when its
/// folder is; nor does it have <c>syncfs</c>, which tells of write errors since Linux 5.8.
/// </summary>
internal static partial class FileSync
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes one file or one folder's names durable.</summary>
    internal static void One(string path) => WithDescriptor(path, NativeFsync);

    /// <summary>Makes everything durable that was written to the file system that holds this path.</summary>
    internal static void All(string path) => WithDescriptor(path, NativeSyncfs);

    private static void WithDescriptor(string path, Func<int, int> sync)
    {
        var descriptor = NativeOpen(path, ReadOnly | CloseOnExec);
        Check(descriptor, path);
        try
        {
            Check(sync(descriptor), path);
        }
        finally
        {
            // Nothing was written through this descriptor: its close has no error to tell.
            _ = NativeClose(descriptor);
        }
    }

    private static void Check(int result, string path)
    {
        if (result >= 0) return;
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        throw new IOException($"{path} could not be made durable: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int NativeFsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int NativeSyncfs(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int NativeClose(int descriptor);
}
