using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>
/// What a stock ipykernel 6.17 answered to a list of requests, recorded over ZMQ (<c>golden/</c>), and what the
/// platform answers to the same: types, their order within a channel, the fields of content and metadata, and whose
/// child each message is. Order between channels is nobody's promise, in ZMQ neither.
/// </summary>
public class GoldenTranscriptTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private static readonly Dictionary<string, string> s_notHere = new()
    {
        ["interrupt (message) while sleeping"] = "needs a running cell: InterruptTests",
        ["abort queue: third request after 2 queued"] = "needs a queue: QueueTests",
        ["after bad signature"] = "a WebSocket has no signatures; the agent's tests have this",
        ["shutdown restart=True"] = "a restart is the gateway's to make: RestartTests",
    };

    /// <summary>What the client types where a scenario asks.</summary>
    private static readonly Dictionary<string, string> s_inputs =
        new() { ["input"] = "bob", ["getpass"] = "abc" };

    [Fact]
    public void Every_scenario_that_is_left_out_is_one_of_the_record() =>
        Assert.All(s_notHere.Keys, name => Assert.Contains(name, Recorded().Keys));

    [Fact]
    public async Task All_scenarios_in_a_row_on_one_kernel()
    {
        var (_, session) = await OpenAsync();
        var differences = new List<string>();
        foreach (var (name, scenario) in Recorded().Where(s => !s_notHere.ContainsKey(s.Key)))
            differences.AddRange((await ReplayAsync(session, name, scenario)).Select(d => $"{name}: {d}"));

        foreach (var (name, reason) in s_notHere) Output.WriteLine($"not replayed: {name}: {reason}");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static async Task<IReadOnlyList<string>> ReplayAsync(KernelSession session, string name, JsonNode scenario)
    {
        var expected = scenario["messages"]!.AsArray().Select(m => Line.Of(m!)).ToArray();
        var id = await session.SendAsync(
            scenario["channel"]!.GetValue<string>(), scenario["request"]!.GetValue<string>(), scenario["content"]!.DeepClone().AsObject());
        if (s_inputs.TryGetValue(name, out var typed))
        {
            await session.WaitAsync($"{name}: the input_request", m => m.Parent.MessageId == id && m.Type == "input_request");
            await session.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = typed });
        }

        await session.WaitAsync($"{name}: idle", m => m.Parent.MessageId == id && m.IsStatus("idle"));
        if (expected.FirstOrDefault(e => e.Type.EndsWith("_reply", StringComparison.Ordinal)) is { } reply)
            await session.WaitAsync($"{name}: {reply.Type}", m => m.Parent.MessageId == id && m.Type == reply.Type);

        var actual = session.Received.Where(m => m.Parent.MessageId == id).Select(Line.Of).ToArray();
        var channels = expected.Concat(actual).Select(l => l.Channel).Distinct();
        return
        [
            .. from channel in channels
               let want = string.Join(" | ", expected.Where(l => l.Channel == channel))
               let got = string.Join(" | ", actual.Where(l => l.Channel == channel))
               where want != got
               select $"{channel} gives\n    {got}\n  ipykernel gave\n    {want}",
        ];
    }

    private static Dictionary<string, JsonNode> Recorded()
    {
        using var stream = typeof(GoldenTranscriptTests).Assembly.GetManifestResourceStream("ipykernel-6.17.jsonl")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .ToDictionary(s => s["scenario"]!.GetValue<string>());
    }

    /// <summary>A message as far as it is compared.</summary>
    private sealed record Line(string Channel, string Type, string State, string Fields)
    {
        public static Line Of(JsonNode recorded) => new(
            recorded["channel"]!.GetValue<string>(),
            recorded["type"]!.GetValue<string>(),
            recorded["state"]?.GetValue<string>() ?? recorded["status"]?.GetValue<string>() ?? "",
            Joined(recorded["content"]!.AsArray().Select(f => f!.GetValue<string>())));

        public static Line Of(ClientMessage message) => new(
            message.Channel,
            message.Type,
            message.Type == "status" ? message.Text("execution_state") : message.Channel == "iopub" ? "" : message.Text("status"),
            Joined(message.Content.Select(f => f.Key)));

        public override string ToString() => $"{Type}{(State.Length > 0 ? $"({State})" : "")}{{{Fields}}}";

        private static string Joined(IEnumerable<string> fields) => string.Join(',', fields.Order(StringComparer.Ordinal));
    }
}
