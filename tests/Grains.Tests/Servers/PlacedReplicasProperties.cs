using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Servers;

namespace Notebook.Grains.Tests.Servers;

/// <summary>Whatever comes and goes: what is stored is what is there, and what is promised is the sum.</summary>
public sealed class PlacedReplicasProperties
{
    public sealed record Step(int Replica, int Gpus);

    [Fact]
    public void What_is_stored_and_what_is_promised_is_what_was_placed_at_every_moment()
    {
        var step =
            from replica in Gen.Choose(0, 11)
            from gpus in Gen.Choose(0, 4)   // 0: it goes
            select new Step(replica, gpus);
        Prop.ForAll(step.ArrayOf(40).ToArbitrary(), steps =>
        {
            Run(steps);
            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static void Run(Step[] steps)
    {
        var placed = new PlacedReplicas(new());
        var naive = new List<(ReplicaId Replica, ResourceAmounts Promised)>();
        foreach (var (number, gpus) in steps)
        {
            var replica = ReplicaId.Of(new($"k{number / 2}"), number);
            var known = naive.Exists(n => n.Replica == replica);
            var promised = new ResourceAmounts(gpus, 0, 1000 * gpus, 0);
            if (gpus > 0)
            {
                Assert.Equal(!known, placed.Place(replica, promised));
                if (!known) naive.Add((replica, promised));
            }
            else
            {
                Assert.Equal(known, placed.Unplace(replica));
                naive.RemoveAll(n => n.Replica == replica);
            }

            Check(naive, placed);
            var read = new PlacedReplicas(placed.Record);
            Check(naive, read);
            foreach (var (there, amounts) in naive)   // each comes back with its own promise
            {
                var before = read.Promised;
                Assert.True(read.Unplace(there));
                Assert.Equal(amounts, before - read.Promised);
            }
        }
    }

    private static void Check(List<(ReplicaId Replica, ResourceAmounts Promised)> naive, PlacedReplicas placed)
    {
        Assert.Equal(naive.Select(n => n.Replica.Value).Order(), placed.Replicas.Select(r => r.Value).Order());
        Assert.Equal(naive.Count, placed.Count);
        Assert.Equal(naive.Aggregate(default(ResourceAmounts), (sum, n) => sum + n.Promised), placed.Promised);
        for (var kernel = 0; kernel < 6; kernel++)
            Assert.Equal(naive.Exists(n => n.Replica.Kernel.Value == $"k{kernel}"), placed.HoldsAnyOf(new($"k{kernel}")));
    }
}
