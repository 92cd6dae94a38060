using System.Text.Json;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>What the agents' own logs say of ended cells.</summary>
internal static class Acknowledgements
{
    private const string Template = "Replica {Replica}: execution {Number} {Phase} in epoch {Epoch} {Reason}";
    private static readonly string[] s_acknowledged = ["ExecutionSucceeded", "ExecutionFailed"];

    private sealed record Line(string Replica, long Number, long Epoch)
    {
        public string Kernel => Replica[..Replica.LastIndexOf('/')];
    }

    /// <summary>No two executors have acknowledged a cell in the same epoch, and no cell was acknowledged twice.</summary>
    public static void Check(NotebookPlatform platform)
    {
        var lines = Directory.EnumerateFiles(Path.Combine(platform.Data, "logs"), "agent-*").SelectMany(Lines).ToList();
        Assert.NotEmpty(lines);
        foreach (var epoch in lines.GroupBy(l => (l.Kernel, l.Epoch)))
            Assert.True(epoch.Select(l => l.Replica).Distinct().Count() == 1, $"two executors acknowledged in epoch {epoch.Key.Epoch}:\n{string.Join('\n', epoch)}");
        foreach (var cell in lines.GroupBy(l => (l.Kernel, l.Number)))
            Assert.True(cell.Count() == 1, $"a cell was acknowledged twice:\n{string.Join('\n', cell)}");
    }

    private static IEnumerable<Line> Lines(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        foreach (var text in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!text.EndsWith('}')) continue;   // being written
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.GetProperty("MessageTemplate").GetString() != Template) continue;
            var properties = json.RootElement.GetProperty("Properties");
            if (!s_acknowledged.Contains(properties.GetProperty("Phase").GetString())) continue;
            yield return new(
                properties.GetProperty("Replica").GetString()!, properties.GetProperty("Number").GetInt64(), properties.GetProperty("Epoch").GetInt64());
        }
    }
}
