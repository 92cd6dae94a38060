namespace Notebook.Hosting.Processes;

/// <summary>Ends processes, whoever started them, with all that they started.</summary>
public static class ProcessEnding
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan KilledWithin = TimeSpan.FromSeconds(5);

    /// <summary>How long a process has to end by itself.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Asks <paramref name="process"/> to end, and ends it by force after <paramref name="grace"/>; what it had started
    /// and left behind (kernel processes of an agent) is ended by force too.
    /// </summary>
    public static async Task EndAsync(ProcessIdentity process, TimeSpan grace, TimeProvider time)
    {
        var family = process.Descendants();
        process.Signal(Posix.Terminate);
        if (!await GoneAsync(process, grace, time))
        {
            family = [.. family.Union(process.Descendants())];
            process.Signal(Posix.ForceEnd);
            await GoneAsync(process, KilledWithin, time);
        }

        await Task.WhenAll(family.Select(member => EndLeftoverAsync(member, time)));
    }

    private static async Task EndLeftoverAsync(ProcessIdentity process, TimeProvider time)
    {
        if (await GoneAsync(process, TimeSpan.FromSeconds(1), time)) return;   // most notice by themselves that their parent is gone
        process.Signal(Posix.ForceEnd);
        await GoneAsync(process, KilledWithin, time);
    }

    private static async Task<bool> GoneAsync(ProcessIdentity process, TimeSpan within, TimeProvider time)
    {
        // No event tells of the end of a process that is not our child, so we look.
        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < within; await Task.Delay(Look, time))
            if (!process.IsAlive) return true;
        return !process.IsAlive;
    }
}
