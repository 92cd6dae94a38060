using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notebook.Kernel.Tests;

/// <summary>What the corpus does not show: processes that share no memory, random programs, cost, and bad bytes.</summary>
public sealed class StateTests
{
    private const string Agreed =
        """["True True True True 2 [5] 300000 é Counter({'a': 2})\n","[1, 2] 3.141592653589793 [1, 2] True\n"]""";

    [Theory]
    [InlineData("changes")]
    [InlineData("snapshot")]
    public async Task State_moves_to_a_process_that_was_started_by_itself(string part)
    {
        using var state = await WrittenState.MakeAsync();

        var printed = await Driver.RunAsync("fresh.py", part, state.Path);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Agreed), JsonNode.Parse(printed)), printed);
    }

    [Fact]
    public async Task A_blob_that_is_not_to_be_had_costs_only_its_value()
    {
        using var state = await WrittenState.MakeAsync();

        var printed = JsonSerializer.Deserialize<string[]>(await Driver.RunAsync("fresh.py", "missing", state.Path))!;

        Assert.Equal("[1] 2\n", printed[0]);
        Assert.Equal(
            "LostValueError: big was on server a and could not be copied: MissingBlobError: its server is gone", printed[1]);
    }

    [Fact]
    public async Task Damaged_bytes_are_refused()
    {
        using var state = await WrittenState.MakeAsync();

        Assert.Equal("""{"refused": 65, "taken": 0}""", (await Driver.RunAsync("fresh.py", "damage", state.Path)).Trim());
    }

    [Fact]
    public async Task Random_programs_end_alike_on_every_replica()
    {
        const int first = 1, count = 40;
        var outcomes = await Driver.OutcomesAsync("fresh.py", "random", $"{first}", $"{count}");

        Assert.Equal(count, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.True(outcome.Problems.Count == 0,
            $"{outcome.Case}: {string.Join('\n', outcome.Problems)}"));
    }

    [Fact]
    public async Task A_capture_that_takes_long_says_at_what_it_is_once()
    {
        var told = (await Driver.RunAsync("fresh.py", "slow")).Trim();

        Assert.Equal("""[[], [["many", 5]], [], [["many", 5]]]""", told);
    }

    [Fact]
    public async Task Names_with_other_values_are_found_wherever_they_lie()
    {
        const int first = 1, count = 60;
        var tried = JsonNode.Parse(await Driver.RunAsync("namespaces.py", $"{first}", $"{count}"))!.AsObject();

        Assert.NotEmpty(tried);
        Assert.All(tried, way => Assert.Equal(count, way.Value!.GetValue<int>()));
    }

    [Fact]
    public async Task Cost_follows_the_change()
    {
        var cost = JsonNode.Parse(await Driver.RunAsync("fresh.py", "cost"))!;
        long Roots(string name) => cost[name]!["roots"]!.GetValue<long>();
        long Bytes(string name) => cost[name]!["bytes"]!.GetValue<long>();

        Assert.Equal(Roots("few names"), Roots("10,000 names"));
        Assert.InRange(Bytes("10,000 names"), 1, 2 * Bytes("few names"));
        Assert.Equal(1, Roots("one of 10,000"));
        if (cost["array size"] is null) return; // no numpy here
        Assert.Equal(2, Roots("array and a scalar")); // they share numpy's types, which makes them no group
        Assert.InRange(Bytes("array unchanged"), 1, 50_000);
        Assert.InRange(Bytes("array, one per cent"), Bytes("array size") / 100, Bytes("array size") / 50);
        Assert.InRange(Bytes("array, another name"), 1, 50_000);
    }

    private sealed class WrittenState : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public static async Task<WrittenState> MakeAsync()
        {
            var state = new WrittenState();
            await Driver.RunAsync("fresh.py", "state", state.Path);
            return state;
        }

        public void Dispose() => File.Delete(Path);
    }
}
