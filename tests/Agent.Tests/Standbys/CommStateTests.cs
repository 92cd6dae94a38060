using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>What clients' messages to comms change, with real processes, logs and links.</summary>
public sealed class CommStateTests(ThreeAgentsThatRest resting) : IClassFixture<ThreeAgentsThatRest>
{
    private const string Target =
        "x = [1]\n"
        + "def opened(comm, message):\n"
        + "    def heard(message):\n"
        + "        x.append(message['content']['data'])\n"
        + "        comm.send(x)\n"
        + "    comm.on_msg(heard)\n"
        + "    x.append('opened')\n"
        + "get_ipython().kernel.comm_manager.register_target('mine', opened)";

    [Fact]
    public async Task Standbys_have_it_without_a_cell_and_the_next_executor_goes_on_with_the_comm()
    {
        await using var three = await WithTargetAsync();

        await three.ForwardAsync(1, Channel.Shell, "comm_open", new { comm_id = "c1", target_name = "mine", data = 0 });
        foreach (var number in (int[])[2, 3]) await three.KnowsAsync(number, "x", "[1, 'opened']");
        for (var n = 2; n <= 20; n++) await three.ForwardAsync(1, Channel.Shell, "comm_msg", new { comm_id = "c1", data = n });
        foreach (var number in (int[])[2, 3]) await three.KnowsAsync(number, "x", "18, 19, 20]");

        Assert.Contains("21 comms: ['c1']", await three.RunAsync(
            2, epoch: 2, "print(len(x), 'comms:', list(get_ipython().kernel.comm_manager.comms))"), StringComparison.Ordinal);
        var message = await three.ForwardAsync(2, Channel.Shell, "comm_msg", new { comm_id = "c1", data = 21 });
        await (await three.GatewayAsync(2)).NextAsync(message, "comm_msg", "20, 21]");
        await three.KnowsAsync(1, "x", "20, 21]");
        Assert.Contains("21", await three.RunAsync(1, epoch: 3, "print(x[-1])"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_comes_while_a_cell_runs_is_handled_and_kept_after_it()
    {
        await using var three = await WithTargetAsync();
        await three.ForwardAsync(1, Channel.Shell, "comm_open", new { comm_id = "c1", target_name = "mine", data = 0 });
        await three.KnowsAsync(2, "x", "[1, 'opened']");

        var cell = await three.BeginAsync(1, epoch: 1, "wait = input()\nx.append('cell')");
        await (await three.GatewayAsync(1)).NextAsync(cell.MessageId, "input_request");   // an answer before it would be for nobody
        await three.ForwardAsync(1, Channel.Shell, "comm_msg", new { comm_id = "c1", data = "message" });
        await three.ForwardAsync(1, Channel.Stdin, "input_reply", new { value = "go" });

        await three.KnowsAsync(2, "x", "'cell', 'message']");
        Assert.Contains("'cell', 'message']", await three.RunAsync(3, epoch: 2, "print(x)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_was_ahead_of_the_log_ends_where_another_executor_goes_on()
    {
        await using var three = await WithTargetAsync();
        await three.KnowsAsync(2, "x", "[1]");

        var message = await three.ForwardAsync(2, Channel.Shell, "comm_open", new { comm_id = "c1", target_name = "mine", data = 0 });
        await HandledAsync(three, 2, message);   // it does not lead, so nobody else knows
        await three.RunAsync(1, epoch: 1, "x.append('cell')");
        await three.LostAsync(2, "went on without that");
    }

    [Fact]
    public async Task A_message_whose_idle_has_come_is_kept_whoever_runs_the_next_cell()
    {
        await using var three = await WithTargetAsync();
        await HandledAsync(three, 1, await three.ForwardAsync(1, Channel.Shell, "comm_open", new { comm_id = "c1", target_name = "mine", data = 0 }));
        for (var n = 1; n <= 9; n++)
        {
            var (old, next) = (((n - 1) % 3) + 1, (n % 3) + 1);
            await HandledAsync(three, old, await three.ForwardAsync(old, Channel.Shell, "comm_msg", new { comm_id = "c1", data = $"first {n}" }));
            await HandledAsync(three, old, await three.ForwardAsync(old, Channel.Shell, "comm_msg", new { comm_id = "c1", data = $"second {n}" }));
            Assert.Contains($"'first {n}', 'second {n}']", await three.RunAsync(next, epoch: n + 1, "print(x)"), StringComparison.Ordinal);
        }
    }

    /// <summary>Three replicas of a kernel whose first one has run the target's cell.</summary>
    private async Task<ThreeReplicas> WithTargetAsync()
    {
        var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, Target);
        return three;
    }

    private static async Task HandledAsync(ThreeReplicas three, int number, string message) =>
        await (await three.GatewayAsync(number)).NextAsync(message, "status", "idle");
}
