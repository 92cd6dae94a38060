using Notebook.Agent.Replicas;
using Notebook.Agent.State;
using Notebook.Agent.Tests.Standbys;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Tests.State;

/// <summary>Three real agents, of which the standbys' have little room for large values.</summary>
public sealed class ShortStandbysTests
{
    [Fact]
    public async Task Standbys_let_a_deleted_value_go_though_they_wait_for_the_next_one_to_find_room()
    {
        await using var agents = await StartAsync(roomOfStandbys: 500_000);
        await using var three = await AllHotAsync(agents);
        await three.RunAsync(1, epoch: 1, "import random; x = random.Random(1).randbytes(300_000)");
        foreach (var number in (int[])[2, 3]) await three.KnowsAsync(number, "x", "300000").Within($"replica {number} has x");

        var cell = await RunAsync(three, "del x; y = random.Random(2).randbytes(300_000)");   // no standby is ever at a state without either

        await SafeAsync(three, cell);
        foreach (var number in (int[])[2, 3]) await three.KnowsAsync(number, "y", "300000").Within($"replica {number} has y");
        Assert.Contains("True", await three.RunAsync(2, epoch: 2, "print(y == random.Random(2).randbytes(300_000))"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_found_no_room_is_not_waited_for_when_it_was_deleted()
    {
        await using var agents = await StartAsync(roomOfStandbys: 200_000);
        await using var three = await AllHotAsync(agents);
        await three.RunAsync(1, epoch: 1, "import random; x = random.Random(1).randbytes(300_000)");
        await three.PresentAsync(1, StandbyMode.StandbyHot, report => report.UnconfirmedBytes > 0);

        var cell = await RunAsync(three, "del x; y = 5");

        await SafeAsync(three, cell);
        Assert.Contains("5", await three.RunAsync(2, epoch: 2, "print(y)"), StringComparison.Ordinal);
    }

    private static Task<ThreeAgents> StartAsync(long roomOfStandbys) => ThreeAgents.StartAsync(number => new StateOptions
    {
        CollectPause = TimeSpan.FromHours(1),
        ShortagePause = TimeSpan.FromSeconds(1),
        Objects = new ObjectStoreOptions { MaxDiskBytes = number == 1 ? 100_000_000 : roomOfStandbys, MinFreeDiskBytes = 0 },
    });

    private static async Task<ThreeReplicas> AllHotAsync(ThreeAgents agents)
    {
        var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        return three;
    }

    private static async Task<CellOrder> RunAsync(ThreeReplicas three, string code)
    {
        var cell = await three.BeginAsync(1, epoch: 1, code);
        await (await three.GatewayAsync(1)).ReplyAsync(cell.MessageId);
        return cell;
    }

    /// <summary>Waits until the executor says that all its cells made is with a majority.</summary>
    private static Task<ReplicaReport> SafeAsync(ThreeReplicas three, CellOrder cell) => three.PresentAsync(
        1, StandbyMode.StandbyHot, report => report.LastExecution?.MessageId == cell.MessageId && report.UnconfirmedBytes == 0);
}
