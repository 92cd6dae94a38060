using System.Collections.Immutable;
using Notebook.Cli.Platform;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Xunit;

namespace Notebook.Cli.Tests.Platform;

public sealed class UpScalingTests
{
    private static readonly AgentLaunch s_launch = new("dotnet", "Agent.dll", ["--python", "/usr/bin/python3"]);

    [Fact]
    public void The_silo_can_always_start_its_servers_again_and_scales_only_when_told()
    {
        var options = Options(UpScaling.None);
        Assert.Equal(["--provisioner", "process", "--server-gpus", "8", "--agent-option=--python", "--agent-option=/usr/bin/python3"], options.ToArray());
        Assert.DoesNotContain("--max-servers", Options(UpScaling.None with { Maximum = 3 }));
    }

    [Fact]
    public void A_maximum_above_the_agents_scales_and_the_agents_are_the_minimum()
    {
        var options = string.Join(' ', Options(UpScaling.None with { Maximum = 5, Interval = 2, Settling = 9, Buffer = 0 }));
        Assert.EndsWith("--min-servers 3 --max-servers 5 --scale-interval 2 --scale-settling 9 --scale-buffer 0", options, StringComparison.Ordinal);
        Assert.Contains("--min-servers 1 ", string.Join(' ', Options(UpScaling.None with { Minimum = 1, Maximum = 5 })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_gets_no_options_of_agents() =>
        Assert.Equal(["--provisioner", "command", "--provision-command", "/opt/add", "--server-gpus", "4"], Options(UpScaling.None with { Command = "/opt/add", ServerGpus = 4 }).ToArray());

    [Fact]
    public void What_was_said_survives_the_way_into_the_background() => Assert.Equal(
        "--provisioner command --provision-command c --min-servers 1 --max-servers 2 --scale-interval 3 --scale-settling 6 --scale-buffer 4 --server-gpus 5",
        string.Join(' ', new UpScaling("command", "c", 1, 2, 3, 6, 4, 5).UpOptions));

    public static TheoryData<string, string> Refused => new()
    {
        { "--provisioner cloud", "--provisioner cloud: process, command or none" },
        { "--provisioner command", "--provisioner command: name the program with --provision-command PROGRAM" },
        { "--max-servers 2", "--max-servers 2 is fewer than --agents 3" },
        { "--max-servers 65", "--max-servers 65: at most 64 on one machine" },
        { "--min-servers 5 --max-servers 4", "--min-servers 5 is more than --max-servers 4" },
        { "--provisioner none --max-servers 4", "--max-servers 4: say by whom servers are added, with --provisioner process or --provision-command PROGRAM" },
        { "--scale-interval 0", "--scale-interval 0: between 1 and 3600 seconds" },
        { "--scale-settling -1", "--scale-settling -1: between 0 and 3600 seconds" },
        { "--server-gpus -1", "--server-gpus -1: between 0 and 1024" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_makes_no_sense_is_refused_before_anything_starts(string arguments, string line)
    {
        var command = new System.CommandLine.RootCommand();
        var options = new UpScalingOptions(command);
        var scaling = options.Read(command.Parse(arguments.Split(' ')));
        var refusal = Assert.Throws<UserException>((Settings with { Scaling = scaling }).Check);
        Assert.Equal((line, ExitCodes.Usage), (refusal.Message, refusal.ExitCode));
    }

    [Fact]
    public void With_real_gpus_the_operator_says_what_an_added_server_has()
    {
        var settings = Settings with { Gpus = "auto", Scaling = UpScaling.None with { Maximum = 4 } };
        Assert.Contains("--server-gpus", Assert.Throws<UserException>(settings.Check).Message, StringComparison.Ordinal);
        (settings with { Scaling = settings.Scaling with { ServerGpus = 1 } }).Check();
    }

    private static UpSettings Settings => new(Agents: 3, Gpus: "simulated:8", Port: 8888, Token: null, Pythons: [], Pool: 2);

    private static ImmutableArray<string> Options(UpScaling scaling) => scaling.SiloOptions(Settings, s_launch);
}
