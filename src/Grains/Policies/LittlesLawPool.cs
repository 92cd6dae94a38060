namespace Notebook.Grains.Policies;

/// <summary>
/// As many processes as starts need. By Little's law, λW places of a pool are empty on average, where starts come at the
/// rate λ and a place stays empty for the time W; both are measured on the server itself. Starts that come independently
/// leave a number of empty places that varies by about √(λW), so with three times that on top hardly a start in a thousand
/// finds the pool empty. One process is kept where nothing starts, and never more than memory has room for.
/// </summary>
public sealed class LittlesLawPool : IPrewarmPolicy
{
    /// <summary>How many standard deviations there are on top of the average.</summary>
    public const double Deviations = 3;

    /// <summary>A quarter of the free memory may go to processes that nobody uses yet.</summary>
    public const int MemoryShare = 4;

    /// <inheritdoc/>
    public string Name => "littles-law";

    /// <inheritdoc/>
    public PrewarmDecision Size(DateTimeOffset now, PrewarmServer server)
    {
        var away = StartDemand.Away(server);
        var wanted = (int)Math.Clamp(Math.Ceiling(away + (Deviations * Math.Sqrt(away))), 1, PrewarmChoice.MaxCount);
        var room = Room(server);
        var why = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{StartDemand.Rate(server):0.###} starts a second, each place empty for {server.HoldingTime.TotalSeconds:0.###} s: {away:0.##} empty on average");
        return wanted <= room
            ? new(wanted, why)
            : new(room, $"{why}; {wanted} are wanted, and memory has room for {room} ({server.FreeMemoryMb} MB free, {server.ProcessMemoryMb} MB each)");
    }

    /// <summary>How many of each kernelspec memory has room for.</summary>
    private static int Room(PrewarmServer server)
    {
        if (server is not { FreeMemoryMb: { } free, ProcessMemoryMb: > 0 }) return PrewarmChoice.MaxCount;
        var processes = server.Warm + (Math.Max(0, free) / MemoryShare / server.ProcessMemoryMb);
        return (int)Math.Min(PrewarmChoice.MaxCount, processes / Math.Max(1, server.KernelSpecs));
    }
}
