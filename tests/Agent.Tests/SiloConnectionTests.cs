using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

[Collection(AgentCollection.Name)]
public sealed class SiloConnectionTests(RunningAgent agent)
{
    [Fact]
    public void An_agent_says_what_it_has()
    {
        var registration = agent.Registration;
        Assert.Equal("agent-1", registration.Server);
        Assert.Equal(Environment.ProcessId, registration.ProcessId);
        Assert.Equal(4, registration.Gpus.Count);
        Assert.All(registration.Gpus, gpu => Assert.Equal("simulated", gpu.Kind));
        Assert.True(registration.Load.MemoryTotalMb > 0);
        var spec = Assert.Single(registration.KernelSpecs, spec => spec.Name == "python3");
        Assert.Equal("python", spec.Language);
        Assert.NotEmpty(spec.DisplayName);
    }

    [Fact]
    public async Task Its_heart_beats() => await agent.Silo.Heartbeats.NextAsync("a heartbeat", load => load.MemoryTotalMb > 0);

    [Fact]
    public async Task After_a_broken_link_it_comes_back_with_all_it_holds_and_the_cell_runs_on()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "print('on'); x = input(); print('through')");
        agent.Run(replica, cell, 1);
        await gateway.NextAsync(cell, "input_request");

        agent.Silo.BreakLink();
        var again = await agent.Silo.Registrations.NextAsync("the agent registers again", r => r.Replicas.Any(report => report.Replica == replica));
        Assert.Equal(agent.Registration.BootId, again.BootId);
        var held = again.Replicas.Single(report => report.Replica == replica);
        Assert.Equal(ReplicaPhase.ReplicaReady, held.Phase);
        Assert.Equal((cell, ExecutionPhase.ExecutionRunning), (held.LastExecution.MessageId, held.LastExecution.Phase));

        gateway.Forward(replica, Channel.Stdin, "input_reply", new { value = "", status = "ok" });
        await gateway.NextAsync(cell, "stream", "through");
        await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
    }
}
