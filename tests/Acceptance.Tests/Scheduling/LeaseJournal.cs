using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Acceptance.Tests.Scheduling;

/// <summary>
/// Looks from outside at who held which GPUs when: reads the logs of the agents, which write down each lease that they take
/// and give back. An agent that was killed gave back what it held by that.
/// </summary>
internal static class LeaseJournal
{
    private const int Taken = 3095;
    private const int GivenBack = 3096;
    private const int Ended = 3097;

    private sealed record Line(DateTimeOffset At, string Server, int Event, long Lease, string Replica, int[] Devices);

    /// <summary>Reads the agents' logs, and fails where a GPU had two holders or a server gave more than it has.</summary>
    /// <param name="logs">The folder of logs.</param>
    /// <param name="gpus">GPUs of each server.</param>
    /// <param name="killed">When agents were killed.</param>
    /// <returns>The most GPUs that were held at a time by all servers together, and how many leases there were.</returns>
    public static (int Most, int Leases) Check(string logs, int gpus, IReadOnlyList<(DateTimeOffset At, string Server)> killed)
    {
        var lines = Directory.EnumerateFiles(logs, "agent*.log").SelectMany(Read)
            .Concat(killed.Select(k => new Line(k.At, k.Server, 0, 0, "", [])))
            .OrderBy(l => l.At).ToArray();
        var held = new Dictionary<(string Server, long Lease), Line>();
        var (most, leases) = (0, 0);
        foreach (var line in lines)
        {
            if (line.Event == 0)
            {
                foreach (var key in held.Keys.Where(k => k.Server == line.Server).ToArray()) held.Remove(key);
            }
            else if (line.Event == Taken)
            {
                var there = held.Values.Where(h => h.Server == line.Server).ToArray();
                foreach (var device in line.Devices)
                    Assert.False(there.Any(h => h.Devices.Contains(device)), $"GPU {device} of {line.Server} has two holders at {line.At:O}: {line.Replica} and another");
                held[(line.Server, line.Lease)] = line;
                leases++;
                Assert.True(held.Values.Where(h => h.Server == line.Server).Sum(h => h.Devices.Length) <= gpus, $"{line.Server} gave more than {gpus} GPUs at {line.At:O}");
            }
            else
            {
                held.Remove((line.Server, line.Lease));
            }

            most = Math.Max(most, held.Values.Sum(h => h.Devices.Length));
        }

        return (most, leases);
    }

    private static IEnumerable<Line> Read(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } text)
        {
            if (!text.Contains("Lease", StringComparison.Ordinal) || JsonNode.Parse(text) is not { } line) continue;
            var properties = line["Properties"];
            if ((int?)properties?["EventId"]?["Id"] is not { } number || number is not (Taken or GivenBack or Ended)) continue;
            yield return new(
                DateTimeOffset.Parse(line["Timestamp"]!.ToString(), CultureInfo.InvariantCulture),
                properties["Process"]!.ToString(),
                number,
                (long)properties["Lease"]!,
                properties["Replica"]!.ToString(),
                properties["Devices"]?.ToString().Split(',').Select(d => int.Parse(d, CultureInfo.InvariantCulture)).ToArray() ?? []);
        }
    }
}
