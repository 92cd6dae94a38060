using System.Runtime.InteropServices;

namespace Notebook.Hosting.Processes;

/// <summary>The calls that .NET has no name for.</summary>
public static partial class Posix
{
    /// <summary>The signal of a Ctrl-C.</summary>
    public const int Interrupt = 2;

    /// <summary>The signal that no process can refuse.</summary>
    public const int ForceEnd = 9;

    /// <summary>The signal that asks a process to end.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process. That it has ended meanwhile is no error.</summary>
    public static void Kill(int pid, int signal)
    {
        if (pid > 1) _ = kill(pid, signal);
    }

    /// <summary>Sends a signal to all processes of a group. That they have ended meanwhile is no error.</summary>
    public static void KillGroup(int group, int signal)
    {
        if (group > 1) _ = kill(-group, signal);
    }

    /// <summary>Makes this process the leader of a session without a terminal, so that it outlives the one who started it.</summary>
    public static void NewSession() => _ = setsid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsid();
}
