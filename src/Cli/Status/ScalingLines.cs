using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Notebook.Cli.Status;

/// <summary>Shows how the number of servers is kept: nothing where it is left alone and nothing is under way.</summary>
internal static class ScalingLines
{
    /// <summary>A line on what is wanted, one for each server that comes or goes, and the last failures in red.</summary>
    public static IRenderable Of(JsonObject report)
    {
        if (report["scaling"] is not JsonObject scaling) return new Rows();
        var lines = new List<Text>();
        if ((int)scaling["maximum"]! > 0)
            lines.Add(new($"scaling by {scaling["policy"]} ({scaling["provisioner"]}): {scaling["target"]} servers wanted, {scaling["minimum"]} to {scaling["maximum"]}; {scaling["last_decision"] ?? "nothing decided yet"}"));
        foreach (var server in Items(scaling, "on_their_way").Concat(Items(scaling, "leaving")))
            lines.Add(new($"{server["id"]}: {server["state"]}{((int)server["failures"]! is > 0 and var failures ? $", {failures} attempts failed" : "")}"));
        foreach (var error in Items(scaling, "errors"))
            lines.Add(new($"{error["server"]}: {error["reason"]}", new Style(Color.Red)));
        return lines.Count == 0 ? new Rows() : new Padder(new Rows(lines), new Padding(1, 1, 0, 0));
    }

    private static IEnumerable<JsonNode> Items(JsonObject scaling, string list) => (scaling[list] as JsonArray ?? []).OfType<JsonNode>();
}
