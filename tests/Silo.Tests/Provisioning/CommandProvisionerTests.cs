using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Contracts.Provisioning;
using Notebook.Silo.Provisioning;

namespace Notebook.Silo.Tests.Provisioning;

public sealed class CommandProvisionerTests : IDisposable
{
    private static readonly ServerId s_server = new("scaled-1");
    private readonly Scripts _scripts = new();

    public void Dispose() => _scripts.Dispose();

    [Fact]
    public async Task It_is_told_what_to_do_by_arguments_and_environment()
    {
        var provisioner = Provisioner($"echo \"$@\" $NOTEBOOK_ACTION $NOTEBOOK_SERVER $NOTEBOOK_SERVER_GPUS $NOTEBOOK_SILO >>{_scripts.InFolder("told")}");
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.AddAsync(s_server, CancellationToken.None));
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.RemoveAsync(s_server, CancellationToken.None));
        Assert.Equal(
            ["add scaled-1 add scaled-1 8 ws://127.0.0.1:9000/", "remove scaled-1 remove scaled-1 8 ws://127.0.0.1:9000/"],
            await File.ReadAllLinesAsync(_scripts.InFolder("told")));
    }

    [Fact]
    public async Task A_failure_has_the_exit_code_and_the_last_thing_that_it_said()
    {
        var outcome = await Provisioner("echo no quota >&2; echo 'in zone b' >&2; echo ; exit 3").AddAsync(s_server, CancellationToken.None);
        Assert.Equal($"'{_scripts.InFolder("command")} add scaled-1' ended with exit code 3: in zone b", Assert.IsType<ProvisionOutcome.Failed>(outcome).Reason);
    }

    [Fact]
    public async Task One_that_cannot_be_started_is_a_failure()
    {
        var settings = new ProvisioningSettings("command", _scripts.InFolder("missing"), 8, []);
        var outcome = await new CommandProvisioner(settings, Silo, TimeProvider.System, NullLogger<CommandProvisioner>.Instance).AddAsync(s_server, CancellationToken.None);
        var reason = Assert.IsType<ProvisionOutcome.Failed>(outcome).Reason;
        Assert.Contains(_scripts.InFolder("missing"), reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sleep 600 & echo $! >{0}; wait")]
    [InlineData("trap '' TERM; sleep 600 & echo $! >{0}; while :; do wait; done")]
    public async Task One_that_hangs_is_ended_with_all_that_it_had_started_when_its_time_is_over(string script)
    {
        using var limit = new CancellationTokenSource();
        var adding = Provisioner(string.Format(System.Globalization.CultureInfo.InvariantCulture, script, _scripts.InFolder("child"))).AddAsync(s_server, limit.Token);
        var child = await _scripts.ProcessIn("child");
        await limit.CancelAsync();
        Assert.Contains("was ended", Assert.IsType<ProvisionOutcome.Failed>(await adding.Within("the end of the command")).Reason, StringComparison.Ordinal);
        await Waiting.Until(() => !child.IsAlive, "the end of what the command had started");
    }

    [Fact]
    public async Task What_it_leaves_in_the_background_does_not_keep_it_from_having_succeeded()
    {
        var adding = Provisioner($"sleep 600 & echo $! >{_scripts.InFolder("child")}").AddAsync(s_server, CancellationToken.None);
        Assert.IsType<ProvisionOutcome.Done>(await adding.Within("the end of the command"));
        (await _scripts.ProcessIn("child")).Signal(Hosting.Processes.Posix.ForceEnd);
    }

    private static SiloLocation Silo => new(() => new Uri("http://127.0.0.1:9000/"));

    private CommandProvisioner Provisioner(string script) => new(
        new ProvisioningSettings("command", _scripts.Write("command", script), 8, []), Silo, TimeProvider.System, NullLogger<CommandProvisioner>.Instance);
}
