using System.Runtime.InteropServices;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>The processor time of the calling thread, as the kernel accounts for it.</summary>
internal static partial class ThreadProcessor
{
    private const int ThreadClock = 3;   // CLOCK_THREAD_CPUTIME_ID

    /// <summary>What the thread has taken since it started.</summary>
    public static TimeSpan Taken => clock_gettime(ThreadClock, out var now) == 0
        ? TimeSpan.FromTicks((now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : throw new InvalidOperationException($"the system does not say how much processor time a thread took: error {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec now);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
