using System.Text.Json;
using Notebook.JupyterWire;
using Notebook.Links;
using Notebook.Links.Protocol;
using Notebook.TestKit;

namespace Notebook.Agent.Tests;

/// <summary>A real kernel that is not ours, started from its kernelspec.</summary>
public sealed class ForeignKernelTests : IAsyncLifetime, IDisposable
{
    private readonly string _specs = Directory.CreateTempSubdirectory("nb-specs-").FullName;
    private readonly RunningAgent _agent;

    public ForeignKernelTests()
    {
        EchoKernel.WriteTo(_specs);
        _agent = new RunningAgent("agent-1", ClusterKey.Parse(ClusterKey.NewText(), "the test"), TimeSpan.FromSeconds(30)) { KernelSpecFolders = [_specs] };
    }

    public Task InitializeAsync() => _agent.InitializeAsync();

    public async Task DisposeAsync()
    {
        await _agent.DisposeAsync();
        Directory.Delete(_specs, recursive: true);
    }

    public void Dispose() => _agent.Dispose();

    [Fact]
    public async Task It_is_announced_started_as_its_spec_says_and_speaks_in_its_kernels_session()
    {
        var spec = Assert.Single(_agent.Registration.KernelSpecs, spec => spec.Name == EchoKernel.Name);
        Assert.Equal(("Echo", "echo", true), (spec.DisplayName, spec.Language, spec.Foreign));
        Assert.Equal("blue", JsonDocument.Parse(spec.Metadata).RootElement.GetProperty("colour").GetString());
        Assert.False(_agent.Registration.KernelSpecs.Single(s => s.Name == "python3").Foreign);

        var (replica, gateway, order) = await StartAsync();
        await using var _ = gateway;
        Assert.Equal("one", await RunAsync(gateway, replica, "one", 1));
        Assert.Equal("one two", await RunAsync(gateway, replica, "two", 2));
        Assert.Equal("blue", await RunAsync(gateway, replica, "env KERNEL_COLOUR", 3));
        Assert.Equal(Environment.GetEnvironmentVariable("HOME") + "/echo", await RunAsync(gateway, replica, "env ECHO_HOME", 4));
        Assert.Equal(order.WorkingDirectory, await RunAsync(gateway, replica, "where", 5));
        var info = gateway.Forward(replica, Channel.Shell, "kernel_info_request", new { });
        var reply = (await gateway.NextAsync(info, "kernel_info_reply")).Message;
        Assert.Equal(order.Session, JupyterHeader.Parse(reply.Header.Span).Session);
    }

    [Fact]
    public async Task It_is_interrupted_by_a_signal_and_keeps_its_variables()
    {
        var (replica, gateway, _) = await StartAsync();
        await using var _1 = gateway;
        await RunAsync(gateway, replica, "kept", 1);
        var cell = gateway.Stage(replica, "sleep");
        _agent.Run(replica, cell, 2);
        await gateway.NextAsync(cell, "stream", "asleep");

        _agent.Silo.Order(new() { Interrupt = new() { Replica = replica } });

        await gateway.NextAsync(cell, "execute_reply", "KeyboardInterrupt");
        Assert.Equal("kept after", await RunAsync(gateway, replica, "after", 3));
    }

    [Fact]
    public async Task Its_end_is_noticed_and_a_restart_begins_from_nothing()
    {
        var (replica, gateway, order) = await StartAsync();
        await using var _ = gateway;
        await RunAsync(gateway, replica, "gone", 1);
        var cell = gateway.Stage(replica, "die");
        _agent.Run(replica, cell, 2);

        var lost = await _agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaLost);
        Assert.Contains("exit code 3", lost.Reason, StringComparison.Ordinal);
        Assert.Equal(ExecutionPhase.ExecutionProcessLost, lost.LastExecution.Phase);

        var again = order.Clone();
        again.Incarnation++;
        _agent.Silo.Order(new() { Start = again });
        await _agent.Silo.Reports.NextAsync("it is ready again", r => r.Replica == replica && r.Incarnation == 2 && r.Phase == ReplicaPhase.ReplicaReady);
        Assert.Equal("new", await RunAsync(gateway, replica, "new", 3, epoch: 2));
    }

    private async Task<(string Replica, FakeGateway Gateway, StartReplica Order)> StartAsync()
    {
        var replica = _agent.NewReplica();
        var order = _agent.StartOrder(replica, 1);
        order.SpecName = EchoKernel.Name;
        _agent.Silo.Order(new() { Start = order });
        await _agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaReady);
        var gateway = await FakeGateway.DialAsync(_agent.DataAddress, _agent.Key);
        await gateway.AttachAsync(replica);
        return (replica, gateway, order);
    }

    private async Task<string> RunAsync(FakeGateway gateway, string replica, string code, long execution, long epoch = 1)
    {
        var cell = gateway.Stage(replica, code);
        _agent.Run(replica, cell, execution, epoch);
        var said = await gateway.NextAsync(cell, "stream");
        await gateway.ReplyAsync(cell);
        return JsonDocument.Parse(said.Text()).RootElement.GetProperty("text").GetString()!;
    }
}
