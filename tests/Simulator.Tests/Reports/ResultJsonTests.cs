using System.Text;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Tests.Results;
using Notebook.Simulator.Tests.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Reports;

public class ResultJsonTests
{
    [Fact]
    public void Its_names_and_their_order_stay_as_they_are()
    {
        var golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reports", "Golden", "result.json"));
        Assert.Equal(golden, Json(TinyRun.Facts));
    }

    [Fact]
    public void The_same_facts_give_the_same_bytes() =>
        Assert.Equal(
            Json(NaiveRun.Sharing(Excerpt.Read(), TimeSpan.FromSeconds(90))),
            Json(NaiveRun.Sharing(Excerpt.Read(), TimeSpan.FromSeconds(90))));

    [Fact]
    public void What_cannot_be_said_is_null() => Assert.Contains(
        "\"p50\": null", Json(TinyRun.Facts with { Cells = [], IsPartial = true }), StringComparison.Ordinal);

    private static string Json(params RunFacts[] runs)
    {
        using var bytes = new MemoryStream();
        ResultJson.Write(runs.Select(facts => RegimeResult.Of(facts, new PriceModel())), bytes);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
