using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests;

/// <summary><c>notebook status --json</c> shows what is there.</summary>
public class StatusTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task Shows_three_servers_with_simulated_gpus_and_every_process()
    {
        var status = await Platform.StatusAsync();

        Assert.Equal(3, status.Servers.Count);
        Assert.All(status.Servers, server => Assert.Equal(8, server.Gpus.Count));
        Assert.All(status.Servers.SelectMany(s => s.Gpus), gpu => Assert.Equal("simulated", gpu.Kind));
        Assert.Equal(3, status.Processes.Count(p => p.Role == "agent"));
        Assert.Single(status.Processes, p => p.Role == "silo");
        Assert.Single(status.Processes, p => p.Role == "gateway");
        Assert.All(status.Processes, p => Assert.True(Processes.Mark(p.Pid) is not null, $"{p.Role} {p.Id}: no process {p.Pid}"));
    }

    [Fact]
    public async Task Shows_a_kernel_with_three_replicas_on_different_servers_whose_standbys_are_hot()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("1 + 1");

        var status = await Platform.StatusAsync(
            "three replicas with processes", s => s.Kernels.Any(k => k.Id == kernel && k.Replicas.Count(r => r.Pid > 0) == 3));

        var replicas = status.Kernel(kernel).Replicas;
        Assert.Equal(3, replicas.Select(r => r.Server).Distinct().Count());
        Assert.All(replicas, r => Assert.True(Processes.Mark(r.Pid) is not null, $"{r.Id}: no process {r.Pid}"));
        Assert.NotNull(status.Executor(kernel));
        Assert.Equal(2, replicas.Count(r => r.Standby == "hot"));
    }

    [Fact]
    public async Task Shows_gpu_leases_while_a_cell_runs_and_none_after_it()
    {
        var (kernel, session) = await OpenAsync();
        var metadata = new JsonObject { ["resource_request"] = new JsonObject { ["gpus"] = 2 } };

        var cell = await session.SubmitAsync("print('on', input())", allowStdin: true, metadata: metadata);
        await session.WaitAsync("the cell's input_request", m => m.Type == "input_request");
        var during = await Platform.StatusAsync();
        await session.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = "we go" });
        await session.EndOfAsync(cell);

        Assert.Equal(2, during.Servers.SelectMany(s => s.Gpus).Count(g => g.LeasedBy.Contains(kernel, StringComparison.Ordinal)));
        await Platform.StatusAsync("no GPU leased by the kernel", s => s.Servers.SelectMany(v => v.Gpus).All(g => g.LeasedBy.Length == 0));
    }
}
