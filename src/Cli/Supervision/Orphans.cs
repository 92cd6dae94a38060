using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Supervision;

/// <summary>
/// Ends the children of a supervisor that was killed, which its record still names, and the servers that a silo had added.
/// </summary>
internal static class Orphans
{
    /// <summary>Ends them in the usual order, and says how many there were.</summary>
    public static async Task<int> EndAsync(DataDirectory data, TimeProvider time)
    {
        var alive = RunRecord.Read(data) is { } record ? record.Alive.ToList() : [];
        foreach (var group in alive.GroupBy(child => EndOrder.Of(child.Role)).OrderBy(g => g.Key))
            await Task.WhenAll(group.Select(child => ProcessEnding.EndAsync(child.Process!, ProcessEnding.Grace, time)));
        return alive.Count + await LocalServer.EndAllAsync(data, time);   // those of a silo that was killed too
    }
}
