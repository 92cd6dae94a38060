using System.Text.Json.Nodes;

namespace Notebook.Kernel.Tests;

/// <summary>Large memory that was named before: found again whatever was done to it, and hashed only where it is new.</summary>
public sealed class MemoryTests
{
    private const int Seed = 1, Changes = 60;

    [Fact]
    public async Task Only_new_blocks_are_hashed_and_all_have_the_names_that_a_cut_from_scratch_gives()
    {
        var found = JsonNode.Parse(await Driver.RunAsync("memory.py", $"{Seed}", $"{Changes}"))!;
        if (found["changes"] is not { } changes) return; // no numpy here

        Assert.Equal("[]", changes["wrong"]!.ToJsonString());
        Assert.Equal(changes["new"]!.GetValue<int>(), changes["hashed"]!.GetValue<int>());
        Assert.True(found["without OpenSSL"]!.GetValue<bool>());
        Assert.Equal("""{"is right":true,"hashed again":true}""", found["meanwhile"]!.ToJsonString());
    }

    [Fact]
    public async Task Memory_that_is_handed_over_arrives_whether_anybody_had_touched_it_or_not()
    {
        var found = JsonNode.Parse(await Driver.RunAsync("give.py"))!;
        Assert.Equal("[]", found["wrong"]!.ToJsonString());
    }
}
