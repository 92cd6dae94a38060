using System.Text.Json.Nodes;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Scheduling;

/// <summary>Servers that the platform adds on this machine and takes away: real agents, real kernels, simulated GPUs.</summary>
[Collection(Platform.ClusterGroup.Name)]
public class ScalingTests(ITestOutputHelper output)
{
    private const int GpusPerServer = 8;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task A_server_comes_when_a_cell_needs_it_and_goes_when_nothing_does_and_no_variable_is_lost()
    {
        using var folder = new TemporaryDirectory();
        await using var platform = await UpAsync(null, agents: 3, "--max-servers", "4");
        var sessions = new List<KernelSession>();
        try
        {
            // Three cells hold five of eight GPUs each: enough are free, but at no server five.
            var release = Path.Combine(folder.Path, "release");
            for (var i = 0; i < 4; i++) sessions.Add(await OpenAsync(platform, gpus: 5));
            var holding = sessions.Take(3).Select(s => s.ExecuteAsync($"import os, time\nwhile not os.path.exists({Quoted(release)}): time.sleep(0.05)", s_limit)).ToArray();
            await platform.ClusterAsync("fifteen GPUs are held", s => Leased(s) == 15, s_limit);
            Assert.DoesNotContain((await platform.StatusAsync()).Servers, s => s.Id == "scaled-1");

            var cell = await sessions[3].ExecuteAsync("x = list(range(1000)); len(x)", s_limit);
            Assert.Equal(("ok", "1000"), (cell.Status, cell.Result));
            var grown = await platform.StatusAsync("the new server is up", s => s.Servers.Any(v => v is { Id: "scaled-1", State: "up" }), s_limit);
            Assert.Contains(grown.Kernels, k => grown.Executor(k.Id)?.Server == "scaled-1");
            var agent = grown.Processes.Single(p => p.Id == "scaled-1");
            var family = Processes.Tree(agent.Pid);
            Assert.True(family.Count > 1, "the agent has kernel processes");

            await File.WriteAllTextAsync(release, "");
            Assert.All(await Task.WhenAll(holding), held => Assert.Equal("ok", held.Status));
            var shrunk = await platform.ClusterAsync("the server is gone", s => s.Servers.All(v => v.Id != "scaled-1"), s_limit);
            Assert.Empty((JsonArray)shrunk.Json["scaling"]!["errors"]!);
            Assert.All(shrunk.Kernels, k => Assert.Equal(3, k.Replicas.Count));
            Assert.All(family, process => Assert.False(process.IsAlive, Processes.Describe(process)));
            Assert.False(Directory.Exists(Path.Combine(platform.Data, "state", "scaled-1")));
            Assert.Equal("499500", (await sessions[3].ExecuteAsync("sum(x)", s_limit)).Result);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
            foreach (var session in sessions) await session.DisposeAsync();
        }
    }

    [Fact]
    public async Task Added_servers_outlive_a_killed_silo_end_with_the_platform_and_come_back_with_what_they_hold()
    {
        using var data = new TemporaryDirectory();
        string[] scaling = ["--min-servers", "3", "--max-servers", "3"];
        string kernel;
        IReadOnlyList<ProcessMark> processes;
        await using (var first = await UpAsync(data.Path, agents: 1, scaling))
        {
            try
            {
                await AllUpAsync(first);
                kernel = await first.Api.StartKernelAsync();
                await using var session = await first.Api.ConnectAsync(kernel);
                Assert.Equal("7", (await session.ExecuteAsync("x = 7; x", s_limit)).Result);
                var before = await first.StatusAsync("three replicas", s => s.Kernel(kernel).Replicas.Count(r => r.Pid > 0 || r.PidIsNull) == 3, s_limit);

                Processes.KillNine(before.Process("silo").Pid);
                var after = await AllUpAsync(first, s => s.Process("silo").Pid != before.Process("silo").Pid);
                Assert.Equal(Agents(before), Agents(after));
                Assert.Equal("8", (await session.ExecuteAsync("x + 1", s_limit)).Result);

                processes = [.. Processes.Tree(Processes.Parent(after.Process("silo").Pid)), .. after.Processes.Where(p => p.Role == "agent").SelectMany(p => Processes.Tree(p.Pid))];
                (await first.DownAsync()).Checked();
                await GoneAsync(processes);
            }
            finally
            {
                output.WriteLine(first.LogTails());
            }
        }

        await using var second = await UpAsync(data.Path, agents: 1, scaling);
        try
        {
            await using var session = await second.Api.ConnectAsync(kernel);
            Assert.Equal("7", (await session.ExecuteAsync("x", s_limit)).Result);   // two of its three servers are added ones
            await AllUpAsync(second);
        }
        finally
        {
            output.WriteLine(second.LogTails());
        }
    }

    [Fact]
    public async Task Nothing_is_lost_when_an_agent_is_killed_while_a_server_comes()
    {
        using var folder = new TemporaryDirectory();
        await using var platform = await UpAsync(null, agents: 3, "--max-servers", "4");
        var sessions = new List<KernelSession>();
        try
        {
            for (var i = 0; i < 4; i++) sessions.Add(await OpenAsync(platform, gpus: 5));
            for (var i = 0; i < 4; i++) Assert.Equal("ok", (await sessions[i].ExecuteAsync($"import os, time; x = {i}", s_limit)).Status);
            var release = Path.Combine(folder.Path, "release");
            var holding = sessions.Take(3).Select(s => s.ExecuteAsync($"while not os.path.exists({Quoted(release)}): time.sleep(0.05)\nx += 100", s_limit)).ToArray();
            await platform.ClusterAsync("fifteen GPUs are held", s => Leased(s) == 15, s_limit);

            var waiting = sessions[3].ExecuteAsync("x += 100", s_limit);
            var coming = await platform.ClusterAsync("a server is asked for", s => (s.Json["scaling"]!["on_their_way"] as JsonArray)?.Count > 0 || s.Servers.Count == 4, s_limit);
            var killed = coming.Servers.First(s => s.Id != "scaled-1" && s.Gpus.Any(g => g.LeasedBy.Length > 0));
            Processes.KillNine(killed.Pid);
            var killedAt = TimeProvider.System.GetUtcNow();

            await platform.ClusterAsync(
                "the new server is up, and so is the killed one, again",
                s => s.Servers.Count(v => v.State == "up") == 4 && s.Servers.Single(v => v.Id == killed.Id).Pid != killed.Pid,
                s_limit);
            Assert.Equal("ok", (await waiting).Status);
            await File.WriteAllTextAsync(release, "");
            var held = await Task.WhenAll(holding);
            Assert.Equal("ExecutorLost", Assert.Single(held, cell => cell.Status != "ok").ErrorName);
            for (var i = 0; i < 4; i++)
            {
                var hasRun = i == 3 || held[i].Status == "ok";
                Assert.Equal($"{(hasRun ? 100 + i : i)}", (await sessions[i].ExecuteAsync("x", s_limit)).Result);
            }

            await platform.ClusterAsync("no GPU is leased", s => Leased(s) == 0, s_limit);
            var (most, _) = LeaseJournal.Check(Path.Combine(platform.Data, "logs"), GpusPerServer, [(killedAt, $"agent '{killed.Id}'")]);
            Assert.InRange(most, 15, 4 * GpusPerServer);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
            foreach (var session in sessions) await session.DisposeAsync();
        }
    }

    private static Task<NotebookPlatform> UpAsync(string? data, int agents, params string[] scaling) =>
        NotebookPlatform.UpAsync(data, agents: agents, more: [.. scaling, "--policy", "scaling=peak-of:1,0", "--scale-interval", "1", "--scale-settling", "10", "--pool", "1", "--standby", "cold"]);

    private static async Task<KernelSession> OpenAsync(NotebookPlatform platform, int gpus)
    {
        var options = new JsonObject { ["env"] = new JsonObject { ["KERNEL_GPUS"] = $"{gpus}" } };
        return await platform.Api.ConnectAsync(await platform.Api.StartKernelAsync(options: options));
    }

    private static Task<PlatformStatus> AllUpAsync(NotebookPlatform platform, Func<PlatformStatus, bool>? also = null) => platform.StatusAsync(
        "three servers are up", s => s.Servers.Count(v => v.State == "up") == 3 && (also?.Invoke(s) ?? true), s_limit);

    private static IEnumerable<(string, int)> Agents(PlatformStatus status) => status.Servers.Select(s => (s.Id, s.Pid)).Order();

    private static int Leased(PlatformStatus status) => status.Servers.Sum(s => s.Gpus.Count(g => g.LeasedBy.Length > 0));

    private static string Quoted(string path) => $"'{path}'";

    private static Task GoneAsync(IReadOnlyList<ProcessMark> processes) => Eventually.IsTrueAsync(
        $"the end of {string.Join("; ", processes.Where(p => p.IsAlive).Select(Processes.Describe))}",
        () => Task.FromResult(processes.All(p => !p.IsAlive)),
        TimeSpan.FromSeconds(10));
}
