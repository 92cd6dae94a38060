using System.Runtime.InteropServices;

namespace Notebook.Cli.Supervision;

/// <summary>The calls that .NET has no name for.</summary>
internal static partial class Posix
{
    public const int Interrupt = 2;
    public const int ForceEnd = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process. That it has ended meanwhile is no error.</summary>
    public static void Kill(int pid, int signal)
    {
        if (pid > 1) _ = kill(pid, signal);
    }

    /// <summary>Makes this process the leader of a session without a terminal, so that it outlives the one who started it.</summary>
    public static void NewSession() => _ = setsid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsid();
}
