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
        leases.SetDevices(Enumerable.Range(0, Gpus));
        var executions = new long[4];
        var held = new Dictionary<int, GpuLease>();   // the naive twin
        long epoch = 0;
        foreach (var (kind, kernel, count) in steps)
        {
            var id = new KernelId($"k{kernel}");
            switch (kind)
            {
                case 0 or 1:
                    if (kind == 0) executions[kernel]++;
                    var outcome = leases.Request(id, executions[kernel], count, usable: true);
                    if (held.TryGetValue(kernel, out var before) && (before.Execution != executions[kernel] || before.Devices.Length != count))
                        held.Remove(kernel);
                    if (outcome is LeaseOutcome.Granted { Lease: var lease })
                    {
                        if (!held.TryAdd(kernel, lease)) Assert.Same(held[kernel], lease);
                        else Assert.True(lease.Epoch > epoch, "an epoch that did not grow");
                        epoch = Math.Max(epoch, lease.Epoch);
                        Assert.Equal(count, lease.Devices.Length);
                    }
                    else
                    {
                        Assert.False(held.ContainsKey(kernel));
                        if (outcome is LeaseOutcome.Impossible) Assert.True(count > Gpus);
                    }

                    break;
                case 2:
                    Assert.Equal(held.Remove(kernel), leases.Release(id, executions[kernel]));
                    break;
                case 3:
                    leases.Tick();
                    break;
                default:
                    var idle = Gpus - held.Values.Sum(l => l.Devices.Length);
                    Assert.True(leases.Offers().Length <= idle, "more offers than idle devices");
                    break;
            }

            var busy = leases.Held.SelectMany(l => l.Devices).ToArray();
            Assert.Equal(busy.Length, busy.Distinct().Count());
            Assert.Equal(held.Values.Sum(l => l.Devices.Length), busy.Length);
            for (var device = 0; device < Gpus; device++) Assert.Equal(busy.Contains(device), leases.HolderOf(device) is not null);
        }

        foreach (var kernel in held.Keys.ToArray()) Assert.True(leases.ReleaseAll(new KernelId($"k{kernel}")));
        Assert.Empty(leases.Held);
    }
}
