using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

[Collection(AgentCollection.Name)]
public sealed class CellTests(RunningAgent agent)
{
    [Fact]
    public async Task A_cell_runs_when_its_bytes_and_its_order_are_there()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "1+1");
        agent.Run(replica, cell, 1);

        var result = await gateway.NextAsync(cell, "execute_result");
        Assert.Contains("\"text/plain\": \"2\"", result.Text().Replace("\":\"", "\": \""));
        var reply = await gateway.ReplyAsync(cell);
        Assert.Contains("ok", reply.Text());
        Assert.Equal("client", reply.Message.ParentSession);
        var idle = await gateway.NextAsync(cell, "status", "idle");
        Assert.True(result.Number < reply.Number && reply.Number < idle.Number, "outputs, reply, idle");
        await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
    }
}
