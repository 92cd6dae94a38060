using Notebook.Gpu.Nvidia;
using Notebook.Gpu.Tests.Checkpoints;
using Xunit;

namespace Notebook.Gpu.Tests.Nvidia;

public sealed class NvidiaInventoryTests : IDisposable
{
    private readonly FakeNvml _driver = new();

    [Fact]
    public void Every_GPU_is_described_as_the_driver_has_it()
    {
        using var cuda = new FakeCuda();
        using var gpus = NvidiaGpus.Open(_driver, null, cuda);
        Assert.Equal(("580.65.06", "12.8"), (gpus.Driver!.Version, gpus.Driver.Cuda));
        Assert.Empty(gpus.Driver.Lacks);
        Assert.Empty(gpus.Unusable);
        Assert.Equal([0, 1], gpus.Inventory.Select(gpu => gpu.Index));
        var gpu = gpus.Inventory[1];
        Assert.Equal(_driver.Gpus[1].Uuid, gpu.Uuid);
        Assert.Equal(("nvidia", "NVIDIA H200", 150_754L), (gpu.Kind, gpu.Name, gpu.MemoryMb));
        Assert.Equal(("9.0", "00000001:1B:00.0"), (gpu.ComputeCapability, gpu.PciBusId));
        Assert.Empty(gpu.Missing);
    }

    [Fact]
    public void Links_between_GPUs_are_counted()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.Equal(FakeGpu.LinksToSwitch, gpus.Inventory[0].SwitchLinks);
        Assert.Equal([new GpuPeer(1, PciDistance.HostBridge, FakeGpu.LinksToNext, true)], gpus.Inventory[0].Peers.AsEnumerable());
    }

    [Fact]
    public void A_GPU_without_NVLink_has_none_of_it_and_lacks_nothing()
    {
        foreach (var gpu in _driver.Gpus) gpu.HasNvLink = false;
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.Equal((0, 0), (gpus.Inventory[0].SwitchLinks, gpus.Inventory[0].Peers[0].NvLinks));
        Assert.Empty(gpus.Inventory[0].Missing);
    }

    [Fact]
    public void A_GPU_that_knows_no_MIG_is_usable()
    {
        _driver.Gpus[0].Mig = null;
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.Equal(2, gpus.Inventory.Count);
        Assert.Empty(gpus.Inventory[0].Missing);
    }

    [Fact]
    public void A_GPU_in_MIG_mode_is_not_leased_and_says_what_to_do()
    {
        _driver.Gpus[0].Mig = 1;
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.Equal([1], gpus.Inventory.Select(gpu => gpu.Index));
        var unusable = Assert.Single(gpus.Unusable);
        Assert.Equal((0, _driver.Gpus[0].Uuid), (unusable.Index, unusable.Uuid));
        Assert.IsType<GpuFault.MigOn>(unusable.Why);
        Assert.Contains("turn MIG off", unusable.Why.Message);
    }

    [Fact]
    public void A_GPU_that_is_lost_does_not_hide_the_others()
    {
        _driver.Gpus[0].IsLost = true;
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.Equal([1], gpus.Inventory.Select(gpu => gpu.Index));
        Assert.IsType<GpuFault.GpuLost>(Assert.Single(gpus.Unusable).Why);
        Assert.Empty(gpus.Inventory[0].Peers);
    }

    [Fact]
    public void Visible_devices_keep_their_indices()
    {
        using var gpus = NvidiaGpus.Open(_driver, "1");
        Assert.Equal([1], gpus.Inventory.Select(gpu => gpu.Index));
        Assert.Equal([1], gpus.Sample().Gpus.Select(gpu => gpu.Index));
        Assert.Equal([_driver.Gpus[1].Handle], _driver.Registered.Keys);
    }

    [Fact]
    public void A_machine_whose_driver_names_no_GPU_has_none()
    {
        _driver.Gpus.Clear();
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.Empty(gpus.Inventory);
        Assert.Empty(gpus.Sample().Gpus);
    }

    [Theory]
    [InlineData("470.82.01", true)]
    [InlineData("524.99", true)]
    [InlineData("525.60.13", false)]
    [InlineData("580.65.06", false)]
    [InlineData("development build", false)]
    public void Drivers_before_525_are_refused(string version, bool isRefused)
    {
        _driver.DriverVersion = version;
        _driver.Lacks.UnionWith(["nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"]);
        if (!isRefused)
        {
            using var gpus = NvidiaGpus.Open(_driver, null);
            Assert.Equal("limits of the clocks", gpus.Driver!.Lacks[0].What);
            return;
        }

        var fault = Assert.IsType<GpuFault.DriverTooOld>(Assert.Throws<GpuException>(() => NvidiaGpus.Open(_driver, null)).Fault);
        Assert.Equal((version, "limits of the clocks"), (fault.Version, fault.Lacks));
        Assert.Contains("update it to 525 or later", fault.Message);
        Assert.Equal("nvmlShutdown", _driver.Calls[^1]);
    }

    [Theory]
    [InlineData("550.54.15", false, "freeing a GPU under a living process", 570)]
    [InlineData("570.86.10", true, "giving a process other GPUs than it was on", 580)]
    public void What_a_driver_lacks_to_free_GPUs_is_said(string version, bool canCheckpoint, string lack, int needs)
    {
        _driver.DriverVersion = version;
        using var cuda = new FakeCuda();
        if (!canCheckpoint) cuda.Lacks.Add("cuCheckpointProcessCheckpoint");
        using var gpus = NvidiaGpus.Open(_driver, null, cuda);
        var (what, why) = Assert.Single(gpus.Driver!.Lacks);
        Assert.Equal((lack, needs), (what, Assert.IsType<GpuFault.DriverTooOld>(why).Needs));
        Assert.Empty(cuda.Calls);   // nothing is started for it
    }

    [Fact]
    public void A_library_that_is_not_there_is_no_driver()
    {
        var fault = Assert.Throws<GpuException>(() => NvidiaGpus.Open("libnvidia-ml-that-nobody-has.so.1", null)).Fault;
        Assert.Contains("libnvidia-ml-that-nobody-has.so.1 cannot be loaded", Assert.IsType<GpuFault.NoDriver>(fault).Message);
    }

    [Fact]
    public void A_library_that_is_something_else_lacks_what_is_needed()
    {
        var fault = Assert.Throws<GpuException>(() => NvidiaGpus.Open("libc.so.6", null)).Fault;
        Assert.Equal("nvmlInit_v2", Assert.IsType<GpuFault.DriverTooOld>(fault).Lacks);
    }

    [Fact]
    public void A_number_of_GPUs_that_makes_no_sense_is_not_believed()
    {
        for (var n = 2; n < 300; n++) _driver.Gpus.Add(new FakeGpu(n));
        Assert.IsType<GpuFault.Unknown>(Assert.Throws<GpuException>(() => NvidiaGpus.Open(_driver, null)).Fault);
    }

    public void Dispose() => _driver.Dispose();
}
