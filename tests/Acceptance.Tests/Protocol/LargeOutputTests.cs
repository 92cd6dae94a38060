using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>Nothing is dropped because it is much.</summary>
public class LargeOutputTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int Lines = 100_000;
    private const int LargeBytes = 20_000_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task A_hundred_thousand_lines_all_arrive()
    {
        var (_, session) = await OpenAsync();

        var cell = await session.ExecuteAsync($"for i in range({Lines}): print(i)", s_limit);

        Assert.Equal("ok", cell.Status);
        Assert.Equal(string.Concat(Enumerable.Range(0, Lines).Select(i => $"{i}\n")), cell.Stdout);
    }

    [Theory]
    [InlineData(Framing.V1)]
    [InlineData(Framing.Legacy)]
    public async Task Twenty_megabytes_in_one_display_arrive(Framing framing)
    {
        var (_, session) = await OpenAsync(framing);

        var cell = await session.ExecuteAsync(
            $"from IPython.display import display; display({{'text/plain': 'big', 'text/x-big': 'x' * {LargeBytes}}}, raw=True)", s_limit);

        var display = Assert.Single(cell.Messages, m => m.Type == "display_data");
        Assert.Equal(LargeBytes, display.Content["data"]!["text/x-big"]!.GetValue<string>().Length);
    }
}
