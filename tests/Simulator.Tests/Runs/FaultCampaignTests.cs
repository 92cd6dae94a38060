using System.Globalization;
using Notebook.Simulator.Results;
using Notebook.Simulator.Runs;
using Xunit;
using Xunit.Abstractions;

namespace Notebook.Simulator.Tests.Runs;

/// <summary>
/// Seeds of <see cref="FaultCampaign"/>, always the same ones. <c>./notebook test simulation --seeds N</c> plays more.
/// </summary>
public sealed class FaultCampaignTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(21)]
    [InlineData(31)]
    public void Whatever_goes_wrong_each_cell_ends_once_and_nothing_is_left_over(int first)
    {
        for (var seed = first; seed < first + 10; seed++)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
            Assert.Empty(FaultCampaign.Play(seed));
        }
    }

    [Fact]
    public void The_faults_are_there_and_cells_are_lost_by_them()
    {
        var facts = SimulationRun.Execute(FaultCampaign.Options(7) with { Faults = FaultModel.Everything });
        Assert.Contains(facts.Cells, c => c.Outcome == CellEnd.Lost);
        Assert.Contains(facts.Cells, c => c.Outcome == CellEnd.Ok);
        Assert.True(facts.Counters.Single(c => c.Name == "silo_crashes").Count > 0);
    }
}
