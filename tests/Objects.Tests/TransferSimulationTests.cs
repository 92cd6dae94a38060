namespace Notebook.Objects.Tests;

public sealed class TransferSimulationTests
{
    [Fact]
    public void Whatever_the_link_does_nothing_wrong_is_stored_and_once_it_heals_both_have_everything()
    {
        var refused = 0L;
        for (var seed = 0; seed < 150; seed++)
        {
            var simulation = new TransferSimulation(seed, chunks: 120);
            try
            {
                simulation.Run(TimeSpan.FromSeconds(60), isFaulty: true);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(simulation.Knobs, e);
            }
            refused += simulation.Refused;
            simulation.Run(TimeSpan.FromMinutes(20), isFaulty: false);
            Assert.True(simulation.IsDone, $"{simulation.Knobs}: not done at {simulation.Now}");
        }
        Assert.True(refused > 1000, "the link was too good to prove anything");
    }
}
