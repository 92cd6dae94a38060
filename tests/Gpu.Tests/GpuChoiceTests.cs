using Xunit;

namespace Notebook.Gpu.Tests;

public class GpuChoiceTests
{
    [Fact]
    public void Simulated_gpus_say_that_they_are()
    {
        var gpus = GpuChoice.Open("simulated:8", "agent-1").Inventory;
        Assert.Equal(8, gpus.Count);
        Assert.All(gpus, gpu => Assert.Equal("simulated", gpu.Kind));
        Assert.Equal("SIM-agent-1-3", gpus[3].Uuid);
        Assert.Equal(8, gpus.Select(gpu => gpu.Uuid).Distinct().Count());
    }

    [Fact]
    public void None_is_none() => Assert.Empty(GpuChoice.Open("none", "a").Inventory);

    [Fact]
    public void Auto_works_with_and_without_a_driver()
    {
        foreach (var gpu in GpuChoice.Open("auto", "a").Inventory)
        {
            Assert.Equal("nvidia", gpu.Kind);
            Assert.StartsWith("GPU-", gpu.Uuid);
            Assert.True(gpu.MemoryMb > 0);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("simulated")]
    [InlineData("simulated:")]
    [InlineData("simulated:-1")]
    [InlineData("simulated:1025")]
    [InlineData("simulated:1.5")]
    [InlineData("2")]
    public void Other_words_are_refused(string choice)
    {
        var e = Assert.Throws<FormatException>(() => GpuChoice.Open(choice, "a"));
        Assert.Contains("auto, none, simulated:N", e.Message);
    }
}
