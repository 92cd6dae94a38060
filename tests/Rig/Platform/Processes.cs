using System.Diagnostics;
using System.Globalization;

namespace Notebook.Rig.Platform;

/// <summary>A process by its id and the time it started, so that a reused id is not taken for it.</summary>
public readonly record struct ProcessMark(int Pid, long StartedAtTick)
{
    public bool IsAlive => Processes.Mark(Pid) == this;
}

/// <summary>Looks at the machine's processes, and kills single ones.</summary>
public static class Processes
{
    private const int StateField = 0, ParentField = 1, StartField = 19;   // of /proc/PID/stat, counted after the name

    /// <summary>Ends a process at once, as a crash would.</summary>
    public static void KillNine(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    /// <summary>A process and everything below it.</summary>
    public static IReadOnlyList<ProcessMark> Tree(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0)
            .Where(pid => pid > 0)
            .Select(pid => (Pid: pid, Stat: Stat(pid)))
            .Where(p => p.Stat is not null)
            .ToLookup(p => int.Parse(p.Stat![ParentField], CultureInfo.InvariantCulture), p => p.Pid);
        var found = new List<int> { root };
        for (var i = 0; i < found.Count; i++) found.AddRange(parents[found[i]]);
        return [.. found.Select(Mark).OfType<ProcessMark>()];
    }

    /// <summary>The process of this id now; null when there is none, or only its exit code is left.</summary>
    public static ProcessMark? Mark(int pid) =>
        Stat(pid) is { } stat && stat[StateField] != "Z" ? new(pid, long.Parse(stat[StartField], CultureInfo.InvariantCulture)) : null;

    /// <summary>The id of its parent.</summary>
    public static int Parent(int pid) => int.Parse(
        Stat(pid)?[ParentField] ?? throw new InvalidOperationException($"no process {pid}"), CultureInfo.InvariantCulture);

    /// <summary>Its command line, for messages.</summary>
    public static string Describe(ProcessMark process)
    {
        try
        {
            return $"{process.Pid}: {File.ReadAllText($"/proc/{process.Pid}/cmdline").Replace('\0', ' ')}";
        }
        catch (IOException)
        {
            return $"{process.Pid}: gone";
        }
    }

    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
