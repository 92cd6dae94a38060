using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

/// <summary>Whatever servers say, and in whichever order: what the board keeps up to date is what a look at all servers finds.</summary>
public sealed class ServerBoardProperties
{
    private static readonly string[] s_specs = ["python3", "julia"];
    private readonly Subscription _subscription = new(SubscriptionLimits.Default);

    public sealed record Step(int Kind, int Server, int Gpus, int Promised);

    [Fact]
    public void Servers_that_can_take_a_replica_are_those_that_a_look_at_all_finds_the_least_loaded_first()
    {
        var step =
            from kind in Gen.Choose(0, 9)
            from server in Gen.Choose(0, 7)
            from gpus in Gen.Choose(0, 2)
            from promised in Gen.Choose(0, 60)
            select new Step(kind, server, gpus, promised);
        Prop.ForAll(step.ArrayOf(60).ToArbitrary(), steps =>
        {
            var (board, version) = (new ServerBoard(), 0L);
            foreach (var s in steps)
            {
                Take(board, s, ++version);
                Check(board);
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static void Take(ServerBoard board, Step step, long version)
    {
        var server = new ServerId($"s{step.Server}");
        switch (step.Kind)
        {
            case 0:
                board.Remove(server);
                break;
            case 1:
                board.Drain(server, step.Promised % 2 == 0);
                break;
            case 2:
                board.Offers(server, s_specs.Take(step.Promised % 3));
                break;
            default:
                board.Hear(new ServerSummary(
                    server, version, step.Kind == 3 ? ServerState.Suspect : ServerState.Up,
                    new(new(step.Gpus, 0, 8000, 8000), default, default, new(step.Promised, 0, 1000 * step.Promised, 0)),
                    step.Promised / 4, new(step.Gpus / 4.0, 0, 0, 0)));
                if (step.Kind > 5) board.Offers(server, s_specs);
                break;
        }
    }

    private void Check(ServerBoard board)
    {
        Assert.Equal(board.All.OrderBy(s => s.Server.Value, StringComparer.Ordinal), board.All);
        var usable = board.All.Where(s => s is { IsUp: true, IsDraining: false }).ToArray();
        Assert.Equal(usable.Length > 0, board.HasUsable);
        Assert.Equal(usable.Any(s => s.Account.Spec.Gpus > 0), board.HasGpus);
        foreach (var gpus in new[] { 0, 1, 2 })
        {
            foreach (var spec in s_specs)
            {
                var promise = new ResourceAmounts(gpus, 0, 500, 0);
                var except = new HashSet<ServerId> { new("s3") };
                var expected = usable
                    .Where(s => s.Specs.Contains(spec) && promise.FitsIn(s.Account.Spec) && _subscription.Allows(s.Account, promise, 2) && !except.Contains(s.Server))
                    .OrderBy(s => s.Account.Promised.Gpus).ThenBy(s => s.Replicas).ThenBy(s => s.ForPolicies.Load.CpuShare).ThenBy(s => s.Server.Value, StringComparer.Ordinal)
                    .Select(s => s.ForPolicies);
                Assert.Equal(expected, board.Able(spec, promise, _subscription, 2, except));
            }
        }
    }
}
