using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Contracts.Provisioning;
using Notebook.Hosting.Processes;
using Notebook.Silo.Provisioning;

namespace Notebook.Silo.Tests.Provisioning;

/// <summary>With shell scripts in the place of agents; real ones are in the acceptance tests.</summary>
public sealed class ProcessProvisionerTests : IDisposable
{
    private const string Agent = "sleep 600 & echo ready here; wait";
    private static readonly ServerId s_server = new("scaled-1");
    private readonly Scripts _scripts = new();

    public void Dispose() => _scripts.Dispose();

    [Fact]
    public async Task An_added_server_is_an_agent_that_was_started_as_up_starts_them()
    {
        var provisioner = await SiloAsync($"echo \"$@\" >{_scripts.InFolder("told")}; {Agent}");
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.AddAsync(s_server, CancellationToken.None).Within("an agent"));
        Assert.Equal(
            $"--data {_scripts.Data.Root} --listen 127.0.0.1:0 --id scaled-1 --silo ws://127.0.0.1:9000/ --gpus simulated:8 --pool 1",
            (await File.ReadAllTextAsync(_scripts.InFolder("told"))).Trim());
        await provisioner.StoppingAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Adding_one_that_runs_starts_no_second_one()
    {
        var provisioner = await SiloAsync(Agent);
        await provisioner.AddAsync(s_server, CancellationToken.None).Within("an agent");
        var first = Process();
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.AddAsync(s_server, CancellationToken.None));
        Assert.Equal(first, Process());
        await provisioner.StoppingAsync(CancellationToken.None);
    }

    [Fact]
    public async Task One_that_cannot_run_says_why()
    {
        var provisioner = await SiloAsync("echo 'notebook agent: --python /nowhere: no such file' >&2; exit 5");
        var outcome = await provisioner.AddAsync(s_server, CancellationToken.None).Within("its end");
        Assert.Equal(
            "the agent of server scaled-1 ended with exit code 5: notebook agent: --python /nowhere: no such file",
            Assert.IsType<ProvisionOutcome.Failed>(outcome).Reason);
    }

    [Fact]
    public async Task One_that_is_not_ready_in_time_is_a_failure_and_can_be_removed()
    {
        var provisioner = await SiloAsync($"echo $$ >{_scripts.InFolder("pid")}; exec sleep 600");
        using var limit = new CancellationTokenSource();
        var adding = provisioner.AddAsync(s_server, limit.Token);
        var process = await _scripts.ProcessIn("pid");
        await limit.CancelAsync();
        Assert.IsType<ProvisionOutcome.Failed>(await adding.Within("the end of the attempt"));
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.RemoveAsync(s_server, CancellationToken.None));
        Assert.False(process.IsAlive);
    }

    [Fact]
    public async Task A_removed_server_is_gone_with_its_processes_and_its_disk()
    {
        var provisioner = await SiloAsync(Agent);
        await provisioner.AddAsync(s_server, CancellationToken.None).Within("an agent");
        var family = Process()!.Descendants().Append(Process()!).ToArray();
        var disk = Directory.CreateDirectory(Path.Combine(_scripts.Data.State, "scaled-1", "raft")).Parent!;
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.RemoveAsync(s_server, CancellationToken.None).Within("its end"));
        Assert.All(family, process => Assert.False(process.IsAlive));
        Assert.False(Directory.Exists(disk.FullName));
        Assert.Empty(LocalServer.ReadAll(_scripts.Data));
        Assert.IsType<ProvisionOutcome.Done>(await provisioner.RemoveAsync(s_server, CancellationToken.None));   // again
    }

    [Fact]
    public async Task A_silo_that_ends_ends_its_servers_and_the_next_one_starts_them_again()
    {
        var first = await SiloAsync(Agent);
        await first.AddAsync(s_server, CancellationToken.None).Within("an agent");
        var before = Process()!;
        await first.StoppingAsync(CancellationToken.None).Within("its end");
        Assert.False(before.IsAlive);
        Assert.IsType<ProvisionOutcome.Failed>(await first.AddAsync(s_server, CancellationToken.None));
        Assert.False(Process()!.IsAlive);

        var second = await SiloAsync(Agent);
        Assert.IsType<ProvisionOutcome.Done>(await second.AddAsync(s_server, CancellationToken.None).Within("it is back"));
        Assert.True(Process()!.IsAlive);
        await second.StoppingAsync(CancellationToken.None).Within("its end");
    }

    [Fact]
    public async Task A_silo_after_a_crash_finds_the_servers_that_still_run_and_starts_the_others()
    {
        var killed = await SiloAsync(Agent);
        await killed.AddAsync(s_server, CancellationToken.None).Within("an agent");
        await killed.AddAsync(new ServerId("scaled-2"), CancellationToken.None).Within("an agent");
        var (runs, dead) = (Process("scaled-1")!, Process("scaled-2")!);
        await ProcessEnding.EndAsync(dead, ProcessEnding.Grace, TimeProvider.System);

        var next = await SiloAsync(Agent);
        Assert.Equal(runs, Process("scaled-1"));
        Assert.NotEqual(dead, Process("scaled-2"));
        Assert.True(Process("scaled-2")!.IsAlive);
        await next.StoppingAsync(CancellationToken.None).Within("their end");
        Assert.False(runs.IsAlive);
    }

    [Fact]
    public async Task The_servers_of_a_silo_that_is_gone_can_be_ended_without_it()
    {
        var killed = await SiloAsync(Agent);
        await killed.AddAsync(s_server, CancellationToken.None).Within("an agent");
        var process = Process()!;
        Assert.Equal(1, await LocalServer.EndAllAsync(_scripts.Data, TimeProvider.System));
        Assert.False(process.IsAlive);
    }

    private ProcessIdentity? Process(string id = "scaled-1") => LocalServer.ReadAll(_scripts.Data).Single(s => s.Id == id).Process;

    private async Task<ProcessProvisioner> SiloAsync(string script)
    {
        var provisioner = new ProcessProvisioner(
            _scripts.Data, new AgentLaunch("/bin/sh", _scripts.Write("agent", script), ["--pool", "1"]), new ProvisioningSettings("process", null, 8, []),
            new SiloLocation(() => new Uri("http://127.0.0.1:9000/")), TimeProvider.System, NullLogger<ProcessProvisioner>.Instance);
        await provisioner.StartingAsync(CancellationToken.None);
        await provisioner.StartedAsync(CancellationToken.None);
        return provisioner;
    }
}
