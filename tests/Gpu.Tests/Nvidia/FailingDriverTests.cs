using System.Collections;
using System.Reflection;
using Notebook.Gpu.Nvidia;
using Xunit;

namespace Notebook.Gpu.Tests.Nvidia;

/// <summary>
/// A driver that fails at each single call, with each status that matters: what comes out is one of the faults, or figures that
/// are right or missing and named. Never a crash, never a wrong figure.
/// </summary>
public sealed class FailingDriverTests
{
    private const int IsMissing = -1;

    private static readonly int[] s_statuses =
        [IsMissing, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 25, 26, 27, 28, 29, 999, 4711, -17];

    // By these a driver says that a GPU has none of it: other tests show that this is how it is understood.
    private static readonly string[] s_mayBeNone =
        ["nvmlDeviceGetNvLinkState", "nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetMPSComputeRunningProcesses_v3"];

    // Asked only where a newer call fails, or whose failure nobody can do anything about.
    private static readonly string[] s_mayBeUnused =
        ["nvmlDeviceGetTemperature", "nvmlDeviceGetCurrentClocksThrottleReasons", "nvmlShutdown", "nvmlEventSetFree"];

    public static TheoryData<string> Calls
    {
        get
        {
            using var driver = new FakeNvml();
            return [.. driver.Names.Where(name => name != "nvmlErrorString")];
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Whichever_call_fails_from_the_start_there_is_a_fault_or_what_is_there_is_right(string call)
    {
        var truth = Truth();
        foreach (var status in StatusesOf(call))
        {
            using var driver = Failing(new FakeNvml(), call, status);
            try
            {
                using var gpus = NvidiaGpus.Open(driver, null);
                AssertRight(truth, gpus, status);
                Assert.True(status == IsMissing || driver.Calls.Contains(call) || s_mayBeUnused.Contains(call), $"{call} was not tried");
            }
            catch (GpuException e)
            {
                AssertIsFaultOf(e.Fault, call, status);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Whichever_call_fails_later_there_is_a_fault_or_what_is_there_is_right(string call)
    {
        var truth = Truth();
        foreach (var status in StatusesOf(call))
        {
            using var driver = new FakeNvml();
            using var gpus = NvidiaGpus.Open(driver, null);
            AssertRight(truth, gpus, 0);
            Failing(driver, call, status);
            AssertRight(truth, gpus, status);
            Failing(driver, null, 0);
            AssertRight(truth, gpus, 0);
        }
    }

    [Fact]
    public void A_driver_that_names_no_status_is_understood()
    {
        using var driver = Failing(new FakeNvml(), "nvmlInit_v2", 999);
        driver.Lacks.Add("nvmlErrorString");
        Assert.Contains("nvmlInit_v2 with 'status without a name' (999)", Assert.Throws<GpuException>(() => NvidiaGpus.Open(driver, null)).Message);
    }

    [Theory]
    [InlineData(9, typeof(GpuFault.NoDriver))]
    [InlineData(12, typeof(GpuFault.NoDriver))]
    [InlineData(18, typeof(GpuFault.DriverMismatch))]
    [InlineData(4, typeof(GpuFault.NoPermission))]
    [InlineData(17, typeof(GpuFault.NoPermission))]
    [InlineData(13, typeof(GpuFault.DriverTooOld))]
    [InlineData(IsMissing, typeof(GpuFault.DriverTooOld))]
    [InlineData(15, typeof(GpuFault.GpuLost))]
    [InlineData(16, typeof(GpuFault.GpuLost))]
    [InlineData(3, typeof(GpuFault.NotSupported))]
    [InlineData(999, typeof(GpuFault.Unknown))]
    public void Each_status_is_the_fault_that_it_stands_for(int status, Type fault)
    {
        using var driver = Failing(new FakeNvml(), "nvmlDeviceGetCount_v2", status);
        Assert.IsType(fault, Assert.Throws<GpuException>(() => NvidiaGpus.Open(driver, null)).Fault);
    }

    [Fact]
    public void Nothing_is_asked_but_what_reads()
    {
        using var driver = new FakeNvml();
        using (var gpus = NvidiaGpus.Open(driver, null)) gpus.Sample();
        Assert.All(driver.LookedFor, name => Assert.Matches("^nvml(Init_v2|Shutdown|ErrorString|SystemGet.*|DeviceGet.*|DeviceRegisterEvents|EventSet(Create|Wait_v2|Free))$", name));
        Assert.All(driver.LookedFor, name => Assert.Contains(name, driver.Names));
    }

    private static IEnumerable<int> StatusesOf(string call) =>
        s_statuses.Where(status => status != FakeNvml.NotSupported || !s_mayBeNone.Contains(call));

    private static FakeNvml Failing(FakeNvml driver, string? call, int status)
    {
        driver.Lacks.Clear();
        driver.Failures.Clear();
        if (call is null) return driver;
        if (status == IsMissing) driver.Lacks.Add(call);
        else driver.Failures[call] = status;
        return driver;
    }

    private static (IReadOnlyList<GpuDevice> Inventory, GpuSnapshot Snapshot) Truth()
    {
        using var driver = new FakeNvml();
        using var gpus = NvidiaGpus.Open(driver, null);
        return (gpus.Inventory, gpus.Sample());
    }

    private static void AssertRight((IReadOnlyList<GpuDevice> Inventory, GpuSnapshot Snapshot) truth, NvidiaGpus gpus, int status)
    {
        Assert.Equal(truth.Inventory.Count, gpus.Inventory.Count + gpus.Unusable.Count);
        var snapshot = gpus.Sample();
        Assert.Equal(gpus.Inventory.Select(gpu => gpu.Index), snapshot.Gpus.Select(gpu => gpu.Index));
        foreach (var gpu in gpus.Inventory)
        {
            AssertRightOrMissing(truth.Inventory[gpu.Index], gpu, gpu.Missing, status);
            foreach (var peer in gpu.Peers) AssertRightOrMissing(truth.Inventory[gpu.Index].Peers.Single(p => p.Index == peer.Index), peer, gpu.Missing, status);
        }

        foreach (var sample in snapshot.Gpus)
        {
            AssertRightOrMissing(truth.Snapshot.Gpus[sample.Index], sample, sample.Missing, status);
            if (sample.Missing.Any(m => m.Why is GpuFault.GpuLost)) Assert.NotNull(sample.Lost);
        }

        if (status == 0) Assert.Null(snapshot.EventsMissing);
    }

    // Each figure is the true one, or null with something said to be missing; and a driver that works misses nothing.
    private static void AssertRightOrMissing(object truth, object found, IReadOnlyCollection<MissingReading> missing, int status)
    {
        foreach (var property in found.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.Name is "Missing" or "Lost" or "Peers") continue;
            var (expected, actual) = (property.GetValue(truth), property.GetValue(found));
            if (actual is null) Assert.NotEmpty(missing);
            else if (actual is IEnumerable items and not string) Assert.Equal((IEnumerable)expected!, items);
            else Assert.Equal(expected, actual);
        }

        if (status == 0) Assert.Empty(missing);
        Assert.All(missing, m => Assert.True(m.What.Length > 0 && m.Why.Message.Length > 0));
    }

    private static void AssertIsFaultOf(GpuFault fault, string call, int status)
    {
        Assert.Contains(call, fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
        if (status == IsMissing) Assert.IsType<GpuFault.DriverTooOld>(fault);
    }
}
