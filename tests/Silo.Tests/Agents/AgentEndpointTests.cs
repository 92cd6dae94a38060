using Google.Protobuf;
using Notebook.Links.Protocol;

namespace Notebook.Silo.Tests.Agents;

/// <summary>Agents over real links, down to the grains and back.</summary>
public sealed class AgentEndpointTests
{
    [Fact]
    public async Task A_kernel_starts_at_an_agent_and_runs_a_cell()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        var kernel = await StartKernelAsync(silo, agent);
        Assert.IsType<SubmitOutcome.Accepted>(await kernel.Submit(Cell("m1")));
        var run = await agent.NextRunAsync("m1");
        Assert.Equal(("m1", 1L, 0), (run.MessageId, run.Execution, run.Devices.Single()));
        Assert.True(run.LeaseEpoch > 0);
        agent.Ended(run);
        await UntilAsync(kernel, v => v.State == KernelState.Idle, "the kernel is idle");
    }

    [Fact]
    public async Task The_order_to_start_a_replica_holds_all_that_was_asked_for()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        var environment = ImmutableDictionary<string, string>.Empty.Add("A", "b");
        var started = Assert.IsType<StartKernelOutcome.Started>(
            await silo.Manager.StartKernel(new KernelRequest(null, "python3", "ann", environment, "/home/ann", null)));
        var start = (await agent.NextOrderAsync("start")).Start;
        Assert.Equal($"{started.View.Kernel}/1", start.Replica);
        Assert.Equal((started.View.Kernel.Value, "python3", "ann", "/home/ann", 1), (start.Kernel, start.SpecName, start.User, start.WorkingDirectory, start.Incarnation));
        Assert.Equal(started.View.Session, start.Session);
        Assert.Equal("b", start.Environment["A"]);
    }

    [Fact]
    public async Task The_newest_connection_of_an_id_is_the_agents_and_the_older_one_is_closed()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var first = await silo.AgentAsync("agent-1");
        var kernel = await StartKernelAsync(silo, first);
        await using var second = first.Again(await silo.DialAsync("agent-1"));
        second.Register();
        await first.Link.Closed.Within("the older link is closed");
        Assert.IsType<SubmitOutcome.Accepted>(await kernel.Submit(Cell("m1")));
        Assert.Equal("m1", (await second.NextRunAsync("m1")).MessageId);
        Assert.Equal(ServerState.Up, (await silo.Grains.GetGrain<IGpuServerGrain>("agent-1").View())!.State);
    }

    [Fact]
    public async Task A_cell_runs_on_over_a_restart_of_the_silo()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        var kernel = await StartKernelAsync(silo, agent);
        var id = (await kernel.View())!.Kernel;
        await kernel.Submit(Cell("m1"));
        var run = await agent.NextRunAsync("m1");
        agent.Ended(run, Links.Protocol.ExecutionPhase.ExecutionRunning);

        await silo.RestartAsync();
        await agent.Link.Closed.Within("the link is closed when the silo stops");
        await using var again = agent.Again(await silo.DialAsync("agent-1"));
        again.Register();
        kernel = silo.Grains.GetGrain<IKernelGrain>(id.Value);
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), await kernel.Submit(Cell("m1") with { Started = true }));
        again.Ended(run);
        await UntilAsync(kernel, v => v.State == KernelState.Idle, "the cell has ended");
        Assert.Equal(1, (await kernel.View())!.Incarnation);
    }

    [Fact]
    public async Task A_gateway_reaches_the_grains_over_a_link_and_hears_of_changes()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        var id = (await (await StartKernelAsync(silo, agent)).View())!.Kernel;
        var connected = new TaskCompletionSource();
        var grains = await silo.GatewayAsync(connected);
        await connected.Task.Within("the gateway is connected");
        var kernel = grains.GetGrain<IKernelGrain>(id.Value);
        var watcher = new Watcher();
        Assert.NotNull(await kernel.Subscribe(grains.CreateObjectReference<IKernelObserver>(watcher), 0));
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), await kernel.Submit(Cell("m1")));
        Assert.Equal("m1", (await agent.NextRunAsync("m1")).MessageId);
        await kernel.Restart();
        await watcher.Restarted.Task.Within("the observer hears of the restart");
        GC.KeepAlive(watcher);
    }

    public static TheoryData<string, AgentToSilo> Wrong()
    {
        var good = ScriptedAgent.Registration("agent-1");
        return new()
        {
            { "connected as", With(good, r => r.Server = "agent-2") },
            { "boot id", With(good, r => r.BootId = "") },
            { "process id is negative", With(good, r => r.ProcessId = -1) },
            { "no ws://", With(good, r => r.DataAddress = "file:///etc/passwd") },
            { "kind", With(good, r => r.Gpus[0].Kind = "quantum") },
            { "same index", With(good, r => r.Gpus[1].Index = 0) },
            { "GPU memory is negative", With(good, r => r.Gpus[0].MemoryMb = -5) },
            { "CPU share", With(good, r => r.Load.CpuShare = double.NaN) },
            { "bytes of a kernelspec's files", With(good, r => r.KernelSpecs[0].Resources.Add("logo", ByteString.CopyFrom(new byte[300 << 10]))) },
            { "no replica id", With(good, r => r.Replicas.Add(new Links.Protocol.ReplicaReport { Replica = "no-slash" })) },
            { "which this release does not know", With(good, r => r.Replicas.Add(new Links.Protocol.ReplicaReport { Replica = "k/1", Phase = (Links.Protocol.ReplicaPhase)9 })) },
            { "register first", new AgentToSilo { Heartbeat = new Load() } },
            { "does not know", new AgentToSilo() },
        };
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Wrong_input_is_refused_with_a_reason_and_disturbs_nobody(string reason, AgentToSilo message)
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var other = await silo.AgentAsync("agent-other");
        await using var agent = new ScriptedAgent(await silo.DialAsync("agent-1"), "agent-1");
        agent.Send(message.BodyCase == AgentToSilo.BodyOneofCase.None ? new AgentToSilo() : message);
        var refused = (await agent.NextOrderAsync("refused")).Refused;
        if (message.BodyCase == AgentToSilo.BodyOneofCase.None) Assert.NotEmpty(refused.Reason);
        else Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
        agent.Link.Break("refused");   // as an agent does; else the silo closes it after two seconds
        Assert.Null(await silo.Grains.GetGrain<IGpuServerGrain>("agent-1").View());
        Assert.Equal(ServerState.Up, (await silo.Grains.GetGrain<IGpuServerGrain>("agent-other").View())!.State);
    }

    [Fact]
    public async Task The_link_of_a_refused_agent_that_stays_is_closed()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var gateway = await silo.DialAsync("gateway-1", role: "gateway");
        Assert.True(gateway.TrySend(new AgentToSilo { Register = ScriptedAgent.Registration("gateway-1") }));
        await foreach (var answer in gateway.ReadAsync(SiloToAgent.Parser))
            Assert.Contains("gateway 'gateway-1' is no agent", answer.Refused.Reason, StringComparison.Ordinal);
        await gateway.Closed.Within("the link is closed");
    }

    private static async Task<IKernelGrain> StartKernelAsync(SiloUnderTest silo, ScriptedAgent agent)
    {
        var started = Assert.IsType<StartKernelOutcome.Started>(await silo.Manager.StartKernel(
            new KernelRequest(null, "", "default", ImmutableDictionary<string, string>.Empty, null, null)));
        await agent.StartNextAsync();
        var kernel = silo.Grains.GetGrain<IKernelGrain>(started.View.Kernel.Value);
        await UntilAsync(kernel, v => v.State == KernelState.Idle, "the kernel is ready");
        return kernel;
    }

    private static Task UntilAsync(IKernelGrain kernel, Func<KernelView, bool> condition, string what) =>
        Waiting.Until(async () => await kernel.View() is { } view && condition(view), what);

    private static AgentToSilo With(Register good, Action<Register> change)
    {
        var register = good.Clone();
        change(register);
        return new AgentToSilo { Register = register };
    }

    private static CellSubmission Cell(string id) => new(id, null, StopOnError: true, Started: false);

    private sealed class Watcher : IKernelObserver
    {
        public TaskCompletionSource Restarted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Changed(KernelView view)
        {
            if (view.Incarnation == 2) Restarted.TrySetResult();
            return Task.CompletedTask;
        }

        public Task CellEnded(KernelId kernel, CellEnding ending) => Task.CompletedTask;

        public Task BeginsAnew(KernelId kernel) => Task.CompletedTask;
    }
}
