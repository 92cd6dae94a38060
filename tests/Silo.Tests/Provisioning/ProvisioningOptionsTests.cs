using System.CommandLine;
using Notebook.Hosting;
using Notebook.Silo.Provisioning;

namespace Notebook.Silo.Tests.Provisioning;

public sealed class ProvisioningOptionsTests
{
    [Fact]
    public void Nothing_is_scaled_unless_a_maximum_is_given()
    {
        var (provisioning, scaling) = Read();
        Assert.Equal(("none", false, 3), (provisioning.Provisioner, scaling.IsOn, scaling.Buffer));
    }

    [Fact]
    public void All_of_it_can_be_chosen()
    {
        var (provisioning, scaling) = Read(
            "--provision-command", "/bin/sh", "--min-servers", "2", "--max-servers", "9", "--scale-interval", "5", "--scale-settling", "7", "--scale-buffer", "1", "--server-gpus", "4",
            "--agent-option=--pool", "--agent-option=1", "--agent-option=--python=/usr/bin/python3");
        Assert.Equal(("command", "/bin/sh", 4), (provisioning.Provisioner, provisioning.Command, provisioning.ServerGpus));
        Assert.Equal((true, 2, 9, 4, TimeSpan.FromSeconds(5)), (scaling.IsOn, scaling.Minimum, scaling.Maximum, scaling.GpusPerServer, scaling.Interval));
        Assert.Equal((1, TimeSpan.FromSeconds(7)), (scaling.Buffer, scaling.Settling));
        Assert.Equal(["--pool", "1", "--python=/usr/bin/python3"], provisioning.AgentOptions.ToArray());
    }

    [Theory]
    [InlineData("--provisioner cloud", "--provisioner cloud: process, command or none")]
    [InlineData("--provisioner command", "--provisioner command: name the program with --provision-command PROGRAM")]
    [InlineData("--provision-command /bin/nowhere", "--provision-command /bin/nowhere: there is no such file")]
    [InlineData("--provision-command /etc/passwd", "--provision-command /etc/passwd cannot be run: 'chmod +x' it")]
    [InlineData("--provisioner process --provision-command /bin/sh", "--provision-command /bin/sh is of no use with --provisioner process: leave one of them out")]
    [InlineData("--max-servers 4", "--max-servers 4: say by whom servers are added, with --provisioner process or --provision-command PROGRAM")]
    [InlineData("--min-servers 4", "--min-servers 4: say with --max-servers how many there may be at most")]
    [InlineData("--provisioner process --min-servers 4 --max-servers 3", "--min-servers 4 is more than --max-servers 3")]
    [InlineData("--max-servers -1", "--max-servers -1: between 0 and 10000")]
    [InlineData("--scale-interval 0", "--scale-interval 0: between 1 and 3600")]
    [InlineData("--scale-settling 4000", "--scale-settling 4000: between 0 and 3600")]
    [InlineData("--scale-buffer -2", "--scale-buffer -2: between 0 and 10000")]
    [InlineData("--server-gpus 5000", "--server-gpus 5000: between 0 and 1024")]
    public void What_makes_no_sense_is_one_line(string arguments, string line)
    {
        var refusal = Assert.Throws<UserException>(() => Read(arguments.Split(' ')));
        Assert.Equal((line, ExitCodes.Usage), (refusal.Message, refusal.ExitCode));
    }

    private static (ProvisioningSettings Provisioning, Grains.Scaling.ScalingSettings Scaling) Read(params string[] arguments)
    {
        var command = new RootCommand();
        var options = new ProvisioningOptions(command);
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return options.Read(parsed);
    }
}
