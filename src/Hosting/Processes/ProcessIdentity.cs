using System.Globalization;

namespace Notebook.Hosting.Processes;

/// <summary>
/// One process of this machine, and no other that gets its number later: a process id is used again, but never
/// together with the same start time.
/// </summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartTime">When it started, in clock ticks since the machine booted.</param>
/// <param name="Boot">Which boot of the machine.</param>
public sealed record ProcessIdentity(int Pid, long StartTime, string Boot)
{
    private static readonly Lazy<string> ThisBoot = new(() => ReadText("/proc/sys/kernel/random/boot_id")?.Trim() ?? "");

    /// <summary>The process that has this number now; null where there is none, or it has ended and only waits to be collected.</summary>
    public static ProcessIdentity? Of(int pid) =>
        ReadText($"/proc/{pid}/stat") is { } text && ProcessStat.Parse(text) is { } stat && stat.State is not ('Z' or 'X')
            ? new ProcessIdentity(pid, stat.StartTime, ThisBoot.Value)
            : null;

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => Of(Pid) == this;

    /// <summary>Sends a signal, unless it has ended.</summary>
    public void Signal(int signal)
    {
        if (IsAlive) Posix.Kill(Pid, signal);
    }

    /// <summary>All processes that it started, and those that they started. Empty when it has ended.</summary>
    public IReadOnlyList<ProcessIdentity> Descendants()
    {
        if (!IsAlive) return [];
        var childrenOf = AllProcesses().ToLookup(p => p.Parent, p => p.Pid);
        var found = new List<int>(childrenOf[Pid]);
        for (var i = 0; i < found.Count; i++) found.AddRange(childrenOf[found[i]]);
        return [.. found.Select(Of).OfType<ProcessIdentity>()];
    }

    private static IEnumerable<(int Pid, int Parent)> AllProcesses() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let number = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0
        where number > 0
        let stat = ReadText($"/proc/{number}/stat") is { } text ? ProcessStat.Parse(text) : null
        where stat is not null
        select (number, stat.Value.Parent);

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // it ended meanwhile
        }
    }
}
