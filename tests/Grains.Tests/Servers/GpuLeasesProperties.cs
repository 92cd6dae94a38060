using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Servers;

namespace Notebook.Grains.Tests.Servers;

/// <summary>Whatever kernels ask and give back, in any order: one holder for each device, nothing lost, nothing given twice.</summary>
public sealed class GpuLeasesProperties
{
    private const int Gpus = 4;

    public sealed record Step(int Kind, int Kernel, int Count);

    [Fact]
    public void One_holder_for_each_device_and_every_grant_is_released_exactly_once()
    {
        var step =
            from kind in Gen.Choose(0, 4)
            from kernel in Gen.Choose(0, 3)
            from count in Gen.Choose(1, Gpus + 1)
            select new Step(kind, kernel, count);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps =>
        {
            Run(steps);
            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static void Run(Step[] steps)
    {
        var leases = new GpuLeases(new ServerId("s"), new LeaseBook());
        leases.SetSpec([.. Enumerable.Range(0, Gpus).Select(i => new GpuInfo(i, $"GPU-{i}", "simulated", "Simulated", 100))], 4000, 4000);
        var executions = new long[4];
        var held = new Dictionary<int, GpuLease>();                          // the naive twin
        var kept = new Dictionary<int, (long Execution, int Gpus, int Ticks)>();
        long epoch = 0;
        foreach (var (kind, kernel, count) in steps)
        {
            var id = new KernelId($"k{kernel}");
            var amounts = new ResourceAmounts(count, 10 * count, 1000 * count, 900 * count);
            switch (kind)
            {
                case 0 or 1:
                    if (kind == 0) executions[kernel]++;
                    var outcome = leases.Request(id, "u", executions[kernel], amounts, usable: true);
                    if (held.TryGetValue(kernel, out var before) && (before.Execution != executions[kernel] || before.Amounts != amounts))
                        held.Remove(kernel);
                    if (kept.TryGetValue(kernel, out var own) && own.Execution < executions[kernel]) kept.Remove(kernel);
                    var room = Gpus - held.Values.Sum(l => l.Devices.Length) - kept.Where(k => k.Key != kernel).Sum(k => k.Value.Gpus);
                    Assert.Equal(held.ContainsKey(kernel) || (count <= Gpus && count <= room), outcome is LeaseOutcome.Granted);
                    Assert.Equal(count > Gpus, outcome is LeaseOutcome.Impossible);
                    if (outcome is LeaseOutcome.Granted { Lease: var lease })
                    {
                        if (!held.TryAdd(kernel, lease)) Assert.Same(held[kernel], lease);
                        else Assert.True(lease.Epoch > epoch, "an epoch that did not grow");
                        if (lease.Epoch > epoch) kept.Remove(kernel);
                        epoch = Math.Max(epoch, lease.Epoch);
                        Assert.Equal(count, lease.Devices.Length);
                    }

                    break;
                case 2:
                    Assert.Equal(held.Remove(kernel), leases.Release(id, executions[kernel]));
                    kept.Remove(kernel);
                    break;
                case 3:
                    leases.Tick();
                    foreach (var (who, hold) in kept.ToArray())
                    {
                        if (hold.Ticks + 1 >= GpuLeases.HoldTicks) kept.Remove(who);
                        else kept[who] = hold with { Ticks = hold.Ticks + 1 };
                    }

                    break;
                default:
                    leases.Keep(id, executions[kernel], amounts, isIdle: true);
                    if (!held.TryGetValue(kernel, out var has) || has.Execution < executions[kernel]) kept[kernel] = (executions[kernel], count, 0);
                    break;
            }

            var busy = leases.Held.SelectMany(l => l.Devices).ToArray();
            Assert.Equal(busy.Length, busy.Distinct().Count());
            Assert.Equal(held.Values.Sum(l => l.Devices.Length), busy.Length);
            for (var device = 0; device < Gpus; device++) Assert.Equal(busy.Contains(device), leases.HolderOf(device) is not null);
            Assert.True(leases.Committed.FitsIn(leases.Spec), "more committed than there is");
            Assert.Equal(busy.Length, leases.Committed.Gpus);
            Assert.Equal(900 * busy.Length, leases.Committed.MemoryMb);
            Assert.Equal(kept.Values.Sum(k => k.Gpus), leases.Kept.Gpus);
        }

        foreach (var kernel in held.Keys.ToArray()) Assert.True(leases.ReleaseAll(new KernelId($"k{kernel}")));
        Assert.Empty(leases.Held);
        Assert.Equal(default, leases.Committed);
    }
}
