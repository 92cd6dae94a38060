using Notebook.Cli.Testing;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Testing;

/// <summary>Shell scripts in the place of the simulation.</summary>
public sealed class SeedCampaignTests
{
    private static readonly CampaignFailure Failure = new(7, "production store", "one leader per term", "1 and 2 lead in 4", "knobs\nevents");

    [Fact]
    public async Task A_campaign_shows_each_seed_that_passes_and_ends_well()
    {
        var shown = new List<int>();
        var result = await Campaign(Says(new CampaignLine(1, null), new CampaignLine(2, null))).RunAsync(5, 2, pace => shown.Add(pace.Passed));
        Assert.True(result.IsGood);
        Assert.Equal([1, 2], shown);
        Assert.StartsWith("2 of 2 seeds passed, from seed 5 on, in ", result.Text(null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_seed_is_told_with_its_checker_and_the_command_that_replays_it()
    {
        var result = await Campaign(Says(new CampaignLine(1, null), new CampaignLine(1, Failure)) + "; exit 1").RunAsync(6, 100, _ => { });
        Assert.False(result.IsGood);
        Assert.False(result.IsStopped);
        Assert.StartsWith(
            """
            seed 7 FAILED (production store)
            checker  one leader per term
            found    1 and 2 lead in 4
            events   events.txt
            replay   ./notebook test raft --seeds 1 --first-seed 7
            1 of 100 seeds passed, from seed 6 on, in 
            """, result.Text("events.txt"), StringComparison.Ordinal);
        var json = result.ToJson("events.txt");
        Assert.Equal("./notebook test raft --seeds 1 --first-seed 7", (string?)json["failure"]!["replay"]);
        Assert.Equal("one leader per term", (string?)json["failure"]!["checker"]);
        Assert.Equal((1, 100, false), ((int)json["passed"]!, (int)json["seeds"]!, (bool)json["stopped"]!));
    }

    [Fact]
    public async Task The_command_that_replays_a_seed_names_the_simulation_that_it_is_of()
    {
        var result = await Campaign(Says(new CampaignLine(0, Failure)) + "; exit 1", kind: CampaignKind.Simulation).RunAsync(7, 1, _ => { });
        Assert.Contains("replay   ./notebook test simulation --seeds 1 --first-seed 7\n", result.Text("events.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_campaign_at_once_and_the_seeds_that_passed_are_counted()
    {
        using var stop = new CancellationTokenSource();
        var script = Says(new CampaignLine(3, null)) + "; trap '' INT; exec sleep 600";
        var result = await Campaign(script, cancel: stop.Token).RunAsync(1, 100, _ => stop.Cancel());
        Assert.True(result.IsStopped);
        Assert.False(result.IsGood);
        Assert.StartsWith("stopped: 3 of 100 seeds passed", result.Text(null), StringComparison.Ordinal);
        Assert.True((bool)result.ToJson(null)["stopped"]!);
    }

    [Fact]
    public async Task A_process_that_dies_before_the_end_is_no_success()
    {
        var died = await Assert.ThrowsAsync<UserException>(
            () => Campaign(Says(new CampaignLine(3, null)) + "; exit 134").RunAsync(1, 100, _ => { }));
        Assert.Contains("exit code 134 after 3 of 100 seeds", died.Message);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_said_in_a_line()
    {
        var campaign = new SeedCampaign(CampaignKind.Raft, ["/nowhere/dotnet"], TimeProvider.System, CancellationToken.None);
        var missing = await Assert.ThrowsAsync<UserException>(() => campaign.RunAsync(1, 1, _ => { }));
        Assert.StartsWith("the campaign did not start", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 100, 10, "0 of 100 seeds passed")]
    [InlineData(50, 100, 10, "50 of 100 seeds passed, 5.0 seeds/s, 10 s left")]
    [InlineData(10, 1000, 10, "10 of 1000 seeds passed, 1.0 seeds/s, 16 min 30 s left")]
    [InlineData(10, 10_000, 10, "10 of 10000 seeds passed, 1.0 seeds/s, 2 h 46 min left")]
    public void The_pace_tells_seeds_per_second_and_the_time_left(int passed, int seeds, int seconds, string line) =>
        Assert.Equal(line, new CampaignPace(passed, seeds, TimeSpan.FromSeconds(seconds)).Line);

    private static SeedCampaign Campaign(string script, CampaignKind? kind = null, CancellationToken cancel = default) =>
        new(kind ?? CampaignKind.Raft, ["/bin/sh", "-c", script], TimeProvider.System, cancel);

    private static string Says(params CampaignLine[] lines) => string.Join("; ", lines.Select(line => $"printf '%s\\n' '{line.Write()}'"));
}
