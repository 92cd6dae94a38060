using System.Collections.Immutable;
using System.Text.Json;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Supervision;

/// <summary>One child in the record.</summary>
/// <param name="Role">Its role.</param>
/// <param name="Id">Its name.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Process">Its process; null while it has none.</param>
internal sealed record ChildRecord(string Role, string Id, string Address, ChildState State, ProcessIdentity? Process);

/// <summary>
/// What runs for one data directory: <c>run/processes.json</c>. Written by the supervisor at each change, all or nothing,
/// and read by everyone else. It outlives a supervisor that was killed, and so names the orphans to end.
/// </summary>
/// <param name="Supervisor">The process of <c>notebook up</c>.</param>
/// <param name="Gateway">The gateway's address, without its token.</param>
/// <param name="Ready">Whether all of it was ready once.</param>
/// <param name="Processes">The children.</param>
internal sealed record RunRecord(
    ProcessIdentity Supervisor,
    string Gateway,
    bool Ready,
    ImmutableArray<ChildRecord> Processes)
{
    /// <summary>Whether its supervisor still runs.</summary>
    public bool IsSupervised => Supervisor.IsAlive;

    /// <summary>The children that still run.</summary>
    public IEnumerable<ChildRecord> Alive => Processes.Where(p => p.Process is { IsAlive: true });

    /// <summary>Reads the record of a data directory; null where none was ever written, or it is of no use.</summary>
    public static RunRecord? Read(DataDirectory data)
    {
        try
        {
            return JsonSerializer.Deserialize<RunRecord>(File.ReadAllText(PathIn(data)), Json.Options);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Replaces the record, all or nothing.</summary>
    public void Write(DataDirectory data)
    {
        var draft = PathIn(data) + ".draft";
        File.WriteAllText(draft, JsonSerializer.Serialize(this, Json.Options));
        File.Move(draft, PathIn(data), overwrite: true);
    }

    private static string PathIn(DataDirectory data) => Path.Combine(data.Run, "processes.json");
}
