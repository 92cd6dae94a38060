using System.Globalization;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Tests.Results;
using Xunit;

namespace Notebook.Simulator.Tests.Reports;

public class CsvTests
{
    [Fact]
    public void A_cell_is_a_line_with_its_times_in_seconds()
    {
        var text = new StringWriter();
        CellsCsv.Write([TinyRun.Facts with { Label = "limit 1,5" }], text);
        var lines = text.ToString().Split('\n');
        Assert.Equal(
            "run,session,index,gpus,submitted_s,leased_s,started_s,ended_s,released_s,interactivity_delay_s,immediate,same_executor,replica,server,outcome",
            lines[0]);
        Assert.Equal("\"limit 1,5\",0,1,4,7200,7210,7210,10810,10810,10,0,1,k0/0,gpu-0,ok", lines[2]);
    }

    [Fact]
    public void What_did_not_happen_is_empty()
    {
        var text = new StringWriter();
        CellsCsv.Write(
            [TinyRun.Facts with { Cells = [new CellFact { Session = 3, Index = 0, Gpus = 1, Submitted = TimeSpan.FromMilliseconds(1.5), Outcome = CellEnd.Unfinished }] }],
            text);
        Assert.Equal("notebookos,3,0,1,0.0015,,,,,,0,0,,,unfinished", text.ToString().Split('\n')[1]);
    }

    [Fact]
    public void Series_have_the_means_of_equal_parts_so_that_sums_give_the_hours()
    {
        var text = new StringWriter();
        var result = RegimeResult.Of(TinyRun.Facts, new PriceModel());
        SeriesCsv.Write([result], text, parts: 8);
        var rows = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(line => line.Split(',')).ToList();
        Assert.Equal(8, rows.Count);
        Assert.Equal(["notebookos", "1800", "8", "4", "4"], rows[1][..5]);
        Assert.Equal(result.BusyGpuHours, rows.Sum(row => double.Parse(row[4], CultureInfo.InvariantCulture)) * 0.5, 1e-5);
    }
}
