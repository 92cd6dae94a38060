using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench;

/// <summary>A figure that has a limit.</summary>
/// <param name="What">Which figure.</param>
/// <param name="Found">What was measured.</param>
/// <param name="Limit">The most that it may be.</param>
/// <param name="Unit">The unit of both; empty for ratios.</param>
internal sealed record Bound(string What, double Found, double Limit, string Unit = "")
{
    public bool IsHeld => Found <= Limit;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"  {What}: {Found:0.###}{Unit}, at most {Limit:0.###}{Unit}: {(IsHeld ? "held" : "MISSED")}");

    public JsonObject ToJson() => new()
    {
        ["what"] = What,
        ["found"] = Math.Round(Found, 4),
        ["limit"] = Math.Round(Limit, 4),
        ["unit"] = Unit,
        ["held"] = IsHeld,
    };
}

/// <summary>What one part of the benchmark found.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Lines">The figures, for people.</param>
/// <param name="Figures">The figures, for programs; the bounds are added.</param>
/// <param name="Bounds">Those that have a limit.</param>
internal sealed record PartReport(string Title, IReadOnlyList<string> Lines, JsonObject Figures, IReadOnlyList<Bound> Bounds)
{
    public bool IsWithinBounds => Bounds.All(bound => bound.IsHeld);

    public string ToText() => string.Join('\n', [Title, .. Lines, .. Bounds.Select(bound => bound.ToString())]);

    public JsonObject ToJson()
    {
        var json = (JsonObject)Figures.DeepClone();
        json["bounds"] = new JsonArray([.. Bounds.Select(bound => bound.ToJson())]);
        json["within_bounds"] = IsWithinBounds;
        return json;
    }
}
