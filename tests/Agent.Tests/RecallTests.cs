using Notebook.Agent.Tests.Standbys;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

/// <summary>A replica is asked what became of a cell whose executor was lost, with real processes, logs and links.</summary>
[Collection(ThreeAgentsCollection.Name)]
public sealed class RecallTests(ThreeAgents agents)
{
    // After the cell, between what it changed and its reply: ipykernel makes the reply's metadata there.
    private const string HangsBeforeItsReply = """
        x = ['new']
        def never(*_):
            import threading
            threading.Event().wait()
        get_ipython().kernel.finish_metadata = never
        """;

    [Fact]
    public async Task A_cell_that_was_committed_and_not_answered_is_answered_by_the_next_executor()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "y = 5");
        var cell = await three.BeginAsync(1, epoch: 1, HangsBeforeItsReply);
        await three.KnowsAsync(2, "x", "new");

        var gateway = await three.GatewayAsync(2);
        three.Recall(2, epoch: 2, cell);

        var report = await three.EndedAsync(2, cell, ExecutionPhase.ExecutionSucceeded);
        Assert.Equal((cell.Execution, 2L), (report.Execution, report.Epoch));
        var reply = await gateway.ReplyAsync(cell.MessageId);
        Assert.Contains("\"status\": \"ok\"", reply.Text().Replace("\":\"", "\": \"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("server agent-1 was lost", reply.Message.Notice, StringComparison.Ordinal);

        three.Recall(2, epoch: 2, cell);   // the answer may have been lost: it is the same, and the reply is not given again
        await three.EndedAsync(2, cell, ExecutionPhase.ExecutionSucceeded);
        Assert.Contains("new 5", await three.RunAsync(2, epoch: 2, "print(f'{x[0]} {y}')"), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Outputs.Unasked, o => o.Message.Notice.Length > 0);
    }

    [Fact]
    public async Task A_cell_that_was_not_committed_never_will_be_once_the_next_executor_was_asked()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "x = 'old'");
        var cell = await three.BeginAsync(1, epoch: 1, "x = input('Go on?')");
        var first = await three.GatewayAsync(1);
        await first.NextAsync(cell.MessageId, "input_request");

        three.Recall(2, epoch: 2, cell);

        await three.EndedAsync(2, cell, ExecutionPhase.ExecutionNotCommitted);
        await three.EndedAsync(1, cell, ExecutionPhase.ExecutionProcessLost);
        Assert.Contains("old", await three.RunAsync(2, epoch: 2, "print(x)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_became_of_the_last_cell_is_known_after_a_restart_of_the_agent_that_is_asked()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        var cell = await three.BeginAsync(1, epoch: 1, HangsBeforeItsReply);
        await three.KnowsAsync(2, "x", "new");
        await three.RestartAsync(2);
        three.Order(StandbyMode.StandbyHot);

        three.Recall(2, epoch: 2, cell);

        await three.EndedAsync(2, cell, ExecutionPhase.ExecutionSucceeded);
        await (await three.GatewayAsync(2)).ReplyAsync(cell.MessageId);
    }
}
