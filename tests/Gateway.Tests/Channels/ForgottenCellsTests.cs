using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>Cells that their kernel's grain, or the executor's agent, would never hear of again if the gateway did not see to it.</summary>
public sealed class ForgottenCellsTests : GatewayTest
{
    private static readonly SubmitOutcome s_accepted = new SubmitOutcome.Accepted(1, 0);

    [Fact]
    public async Task A_kernel_that_begins_anew_gets_its_unfinished_cells_again_and_is_heard_again()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var first = await client.ExecuteAsync();
        var second = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        await kernel.SubmittedAsync();

        kernel.BeginAnew();
        Assert.Equal(first, (await kernel.SubmittedAsync()).MessageId);
        Assert.Equal((second, first), (await kernel.SubmittedOtherThanAsync(first)) is var again ? (again.MessageId, again.After) : default);
        kernel.End(new CellEnding(first, 1, CellEndKind.Aborted, "the test says so"));
        Assert.Equal("aborted", (await client.UntilIdleAsync(first)).Single(r => r.Type == "execute_reply").Text("status"));
    }

    [Fact]
    public async Task An_answer_of_a_grain_that_has_forgotten_the_cell_since_does_not_count()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        kernel.OnSubmit = _ =>
        {
            kernel.OnSubmit = _ => s_accepted;
            kernel.BeginAnew();   // heard before the answer
            return s_accepted;
        };
        var id = await client.ExecuteAsync();
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_cell_whose_end_was_told_and_not_heard_ends_when_the_kernel_does_not_name_it_any_more()
    {
        await using var gateway = await TestGateway.StartAsync(
            o => o with { SweepEvery = TimeSpan.FromMilliseconds(20), RenewEvery = TimeSpan.Zero }, Gateway.Cluster, Gateway.Agent);
        var kernel = Gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        var isSecond = false;
        kernel.OnSubmit = cell =>
        {
            if (isSecond) return new SubmitOutcome.Ended(new CellEnding(cell.MessageId, 1, CellEndKind.Aborted, "a cell before it failed"));
            isSecond = true;
            return s_accepted;
        };
        var id = await client.ExecuteAsync();
        Assert.Equal("aborted", (await client.UntilIdleAsync(id)).Single(r => r.Type == "execute_reply").Text("status"));
    }

    [Fact]
    public async Task A_cell_whose_executor_changes_while_it_is_submitted_is_staged_at_the_new_one()
    {
        await using var other = await FakeAgent.StartAsync();
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        kernel.OnSubmit = _ =>
        {
            kernel.Run(other, number: 1);
            return s_accepted;
        };
        var id = await client.ExecuteAsync();
        var stage = (await other.NextAsync(Kind.Stage)).Stage;
        Assert.Equal((ReplicaId.Of(kernel.Id, 1).Value, id), (stage.Replica, stage.Message.MessageId));
    }

    [Fact]
    public async Task Cells_for_which_an_agent_has_no_room_yet_are_staged_when_it_has()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);   // the way to it is there
        var reading = Agent.StopReading();
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);   // the last that it reads
        var code = new string('#', 24 << 20);   // four do not fit between gateway and agent
        var cells = new List<string>();
        for (var i = 0; i < 4; i++) cells.Add(await client.SendAsync(SocketChannel.Shell, "execute_request", $$"""{"code":"{{code}}"}"""));
        await client.UntilIdleAsync(await client.SendAsync(SocketChannel.Control, "interrupt_request"));   // all have been taken

        reading.SetResult();
        foreach (var cell in cells) Assert.Equal(cell, (await Agent.NextAsync(Kind.Stage)).Stage.Message.MessageId);
    }
}
