using System.Collections.Immutable;
using System.Text.Json;

namespace Notebook.Hosting.Processes;

/// <summary>A GPU server that a silo made of its own machine: one agent.</summary>
/// <param name="Id">The server's id.</param>
/// <param name="Gpus">What its agent was told of GPUs, such as <c>simulated:8</c>; it is told the same at every start.</param>
/// <param name="Process">Its agent; null while it has none.</param>
public sealed record LocalServer(string Id, string Gpus, ProcessIdentity? Process)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Reads <c>state/servers.json</c>; empty where none was ever written, or it is of no use.</summary>
    public static ImmutableArray<LocalServer> ReadAll(DataDirectory data)
    {
        try
        {
            return JsonSerializer.Deserialize<ImmutableArray<LocalServer>>(File.ReadAllText(PathIn(data)), s_json) is { IsDefault: false } servers ? servers : [];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Replaces the file, all or nothing.</summary>
    public static void WriteAll(DataDirectory data, IEnumerable<LocalServer> servers)
    {
        var draft = PathIn(data) + ".draft";
        File.WriteAllText(draft, JsonSerializer.Serialize(servers.ToImmutableArray(), s_json));
        File.Move(draft, PathIn(data), overwrite: true);
    }

    /// <summary>Ends the agents of a silo that could not do it itself, since it was killed.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> EndAllAsync(DataDirectory data, TimeProvider time)
    {
        var alive = ReadAll(data).Select(s => s.Process).OfType<ProcessIdentity>().Where(p => p.IsAlive).ToArray();
        await Task.WhenAll(alive.Select(process => ProcessEnding.EndAsync(process, ProcessEnding.Grace, time)));
        return alive.Length;
    }

    private static string PathIn(DataDirectory data) => Path.Combine(data.State, "servers.json");
}
