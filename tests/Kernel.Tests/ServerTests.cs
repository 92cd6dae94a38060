using System.Text.Json.Nodes;

namespace Notebook.Kernel.Tests;

/// <summary>Servers bring variables, search paths and directories of their own: only the user's edits of them travel.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task Servers_keep_what_is_theirs_and_take_what_the_user_did()
    {
        var found = JsonNode.Parse(await Driver.RunAsync("servers.py", "differ"))!;

        foreach (var aspect in new[] { "environ", "sys.path", "cwd", "directories" })
            Assert.DoesNotContain(aspect, found["first change"]!.AsArray().Select(name => (string?)name));
        Assert.Empty(found["secrets told"]!.AsArray());
        Assert.Empty(found["names told"]!.AsArray());
        Expect(found, "a", server: "a", later: false);
        Expect(found, "b", server: "b", later: false);
        Expect(found, "b from a snapshot", server: "b", later: false);
        Expect(found, "c", server: "c", later: true);   // told by b what a's user had done
        Expect(found, "a from b's snapshot", server: "a", later: true);
        Expect(found, "b without", new JsonObject
        {
            ["environ"] = new JsonObject
            {
                ["AGREES"] = "b",
                ["DROPPED"] = "b",
                ["PASSING"] = "b",
                ["SHARED"] = "b",
                ["TOKEN_b"] = "secret-of-b",
            },
            ["path"] = new JsonArray("/b/site", "/usr/shared", "/b/dist", "/b/more"),
            ["cwd"] = "b",
            ["visited"] = new JsonArray("b"),
        });
    }

    [Fact]
    public async Task Edits_of_a_search_path_give_the_same_list_where_the_same_list_was()
    {
        const int seed = 1, count = 5000;

        Assert.Equal($$"""{"tried": {{count}}}""", (await Driver.RunAsync("servers.py", "paths", $"{seed}", $"{count}")).Trim());
    }

    private static void Expect(JsonNode found, string replica, string server, bool later)
    {
        var variables = new JsonObject
        {
            ["AGREES"] = "b",
            ["MADE"] = "here",
            ["SHARED"] = "changed",
            [$"TOKEN_{server}"] = $"secret-of-{server}",
        };
        if (later) variables["LATER"] = "y";
        string[] more = server == "b" ? ["/b/more"] : [];
        string[] path = ["/mine/first", $"/{server}/site", $"/{server}/dist", .. more, "/mine/last"];
        Expect(found, replica, new JsonObject
        {
            ["environ"] = variables,
            ["path"] = new JsonArray([.. path.Select(entry => JsonValue.Create(entry))]),
            ["cwd"] = "there",
            ["visited"] = new JsonArray(server, "there"),
        });
    }

    private static void Expect(JsonNode found, string replica, JsonObject expected) =>
        Assert.True(JsonNode.DeepEquals(expected, found[replica]), $"{replica}: {found[replica]!.ToJsonString()}");
}
