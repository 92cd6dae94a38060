using System.Diagnostics;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

/// <summary>The agent as a process of its own.</summary>
public sealed class AgentProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-agent-").FullName;
    private readonly ClusterKey _key;
    private readonly string _keyFile;

    public AgentProcessTests()
    {
        var text = ClusterKey.NewText();
        _key = ClusterKey.Parse(text, "the test");
        _keyFile = Path.Combine(_folder, "key");
        DataDirectory.WriteSecret(_keyFile, text);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Process Start(Uri silo, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "Notebook.Agent.dll"), "--data", _folder, "--cluster-key-file", _keyFile,
            "--id", "agent-7", "--listen", "127.0.0.1:0", "--silo", silo.ToString(), "--gpus", "none", "--pool", "1",
            "--python", Python.WithIpykernel(), .. more])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    [Fact]
    public async Task Kernel_processes_end_with_an_agent_that_is_killed()
    {
        await using var silo = await FakeSilo.StartAsync(_key);
        using var agent = Start(silo.Address);
        await silo.Registrations.NextAsync("the agent registers", _ => true);
        silo.Order(new() { Start = new() { Replica = "k/1", Kernel = "k", SpecName = "python3", Session = "s", Incarnation = 1 } });
        var ready = await silo.ReplicaAsync("k/1", ReplicaPhase.ReplicaReady);
        using var kernel = Process.GetProcessById(ready.ProcessId);
        var family = Descendants(agent.Id).ToList();
        Assert.Contains(ready.ProcessId, family.Select(p => p.Id));

        agent.Kill();
        foreach (var process in family)
        {
            await process.WaitForExitAsync().Within($"process {process.Id} ends with its agent");
            process.Dispose();
        }
    }

    [Fact]
    public async Task An_agent_that_is_told_to_stop_ends_its_kernels_and_says_all_is_well()
    {
        await using var silo = await FakeSilo.StartAsync(_key);
        using var agent = Start(silo.Address);
        await silo.Registrations.NextAsync("the agent registers", _ => true);
        silo.Order(new() { Start = new() { Replica = "k/1", Kernel = "k", SpecName = "python3", Session = "s", Incarnation = 1 } });
        await silo.ReplicaAsync("k/1", ReplicaPhase.ReplicaReady);
        var family = Descendants(agent.Id).ToList();
        using (var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {agent.Id}"])) await kill.WaitForExitAsync();
        await agent.WaitForExitAsync().Within("the agent ends");
        Assert.Equal(0, agent.ExitCode);
        foreach (var process in family)
        {
            await process.WaitForExitAsync().Within($"process {process.Id} ends");
            process.Dispose();
        }
    }

    [Fact]
    public async Task A_wrong_cluster_key_ends_the_agent_by_name()
    {
        await using var silo = await FakeSilo.StartAsync(ClusterKey.Parse(ClusterKey.NewText(), "another cluster"));
        using var agent = Start(silo.Address);
        await agent.WaitForExitAsync().Within("the agent gives up");
        Assert.Equal(ExitCodes.RefusedByPeer, agent.ExitCode);
        var said = await agent.StandardError.ReadToEndAsync();
        Assert.Contains("notebook agent: ", said);
        Assert.Contains("key", said);
    }

    [Theory]
    [InlineData("--gpus", "many")]
    [InlineData("--advertise", "nowhere")]
    [InlineData("--pool", "-1")]
    public async Task A_bad_option_is_named(string option, string value)
    {
        using var agent = Start(new Uri("ws://127.0.0.1:1/"), option, value);
        await agent.WaitForExitAsync().Within("the agent gives up");
        Assert.Equal(ExitCodes.Usage, agent.ExitCode);
        Assert.Contains(option, await agent.StandardError.ReadToEndAsync());
    }

    private static IEnumerable<Process> Descendants(int parent)
    {
        foreach (var process in Process.GetProcesses())
        {
            if (ParentOf(process.Id) != parent) continue;
            yield return process;
            foreach (var descendant in Descendants(process.Id)) yield return descendant;
        }
    }

    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;   // it ended meanwhile
        }
    }
}
