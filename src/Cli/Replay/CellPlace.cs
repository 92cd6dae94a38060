using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Notebook.Cli.Replay;

/// <summary>Where a cell ran, by the platform's decisions about it.</summary>
/// <param name="Replica">The replica's number in its kernel.</param>
/// <param name="Server">The replica's server.</param>
/// <param name="Waited">Whether it had to wait for GPUs first.</param>
internal sealed partial record CellPlace(string Replica, string Server, bool Waited)
{
    /// <summary>Reads it out of what <c>explain</c> says about a kernel; null when it says nothing of the cell.</summary>
    /// <param name="decisions">All decisions that are known, oldest first.</param>
    /// <param name="execution">The cell's number in the kernel.</param>
    public static CellPlace? Read(JsonArray decisions, long execution)
    {
        var ofCell = decisions.Where(decision => (long?)decision?["execution"] == execution).ToList();
        var last = ofCell.Select(decision => RunsAt().Match((string?)decision!["outcome"] ?? "")).LastOrDefault(match => match.Success);
        if (last is null) return null;
        var waited = ofCell.Any(decision => (string?)decision!["kind"] == "queue" || (string?)decision["outcome"] == "waits");
        return new CellPlace(last.Groups["replica"].Value, last.Groups["server"].Value, waited);
    }

    [GeneratedRegex(@"^runs at replica (?<replica>\S+) on server (?<server>\S+)")]
    private static partial Regex RunsAt();
}
