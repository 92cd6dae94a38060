using System.Text.Json.Nodes;
using Notebook.Cli.Gpus;
using Notebook.Gpu;
using Xunit;

namespace Notebook.Cli.Tests.Gpus;

public sealed class GpuReportTests
{
    private static readonly GpuDevice s_first = new(0, "GPU-aaa", "nvidia", "NVIDIA H200", 150_754)
    {
        ComputeCapability = "9.0",
        PciBusId = "00000000:1B:00.0",
        SwitchLinks = 18,
        Peers = [new(1, PciDistance.HostBridge, 0, true)],
    };

    private static readonly GpuDevice s_second = s_first with { Index = 1, Uuid = "GPU-bbb", Peers = [] };

    private static readonly GpuSample s_busy = new(0, "GPU-aaa")
    {
        BusyPercent = 70,
        Memory = new(150_754_000_000, 7_000_000_000, 143_000_000_000),
        PowerMilliwatts = 412_345,
        TemperatureCelsius = 61,
        ClockLimits = ClockLimits.PowerCap | ClockLimits.Heat,
        Processes = [new(4711, 5_000_000_000), new(4712, null)],
        Missing = [new("corrected memory errors", new GpuFault.NotSupported("nvmlDeviceGetTotalEccErrors"))],
    };

    private static readonly MachineGpus s_machine = new(
        new("525.60.13", "12.0", [new("limits of the clocks", new GpuFault.DriverTooOld("525.60.13", "a call", 535))]),
        [s_first, s_second],
        [new(2, "GPU-ccc", new GpuFault.MigOn())],
        new([s_busy, new(1, "GPU-bbb") { Lost = new GpuFault.GpuLost("a call", 15, "GPU is lost") }], []),
        null);

    private static readonly MachineGpus s_without = new(null, [], [], new([], []), new GpuFault.NoDriver("libnvidia-ml.so.1 cannot be loaded"));

    private static readonly JsonObject s_cluster = (JsonObject)JsonNode.Parse(
        """
        {"servers":[{"id":"agent-1","state":"up","gpus":[{"index":0,"uuid":"SIM-agent-1-0","kind":"simulated","name":"Simulated GPU","memory_mb":80000,"leased_by":"k1"},
        {"index":1,"uuid":"SIM-agent-1-1","kind":"simulated","name":"Simulated GPU","memory_mb":80000,"leased_by":null}]},{"id":"agent-2","gpus":[]}]}
        """)!;

    [Fact]
    public void Each_GPU_has_one_line_and_the_driver_says_what_it_lacks() =>
        Assert.Equal(
            [
                "NVIDIA driver 525.60.13, CUDA 12.0",
                "it lacks limits of the clocks: the NVIDIA driver 525.60.13 is too old, it lacks a call: update it to 535 or later",
                "GPU 0  NVIDIA H200  150754 MB  70 % busy  7000 MB used  412 W  61 °C  2 processes  GPU-aaa",
                "GPU 1  NVIDIA H200  150754 MB  the GPU is lost (a call: GPU is lost, 15): the kernel's log (dmesg, Xid) says why; a restart of the machine may bring it back",
                "GPU 2  cannot be leased: MIG mode is on, and the platform leases whole GPUs only: turn MIG off, or leave this GPU to others (CUDA_VISIBLE_DEVICES)",
            ],
            GpuLines.Of(GpuReport.Of(s_machine, null)));

    [Fact]
    public void Without_a_GPU_there_is_one_line_that_says_why()
    {
        var report = GpuReport.Of(s_without, null);
        Assert.Equal(
            ["this machine has no GPU: no NVIDIA driver works here (libnvidia-ml.so.1 cannot be loaded): install it, or load its kernel module"],
            GpuLines.Of(report));
        Assert.False(GpuLines.HasAny(report));
    }

    [Fact]
    public void A_driver_that_names_no_GPU_is_said() =>
        Assert.Contains(
            "this machine has no GPU: the driver names none, or CUDA_VISIBLE_DEVICES none of them",
            GpuLines.Of(GpuReport.Of(s_machine with { Inventory = [], Unusable = [] }, null)));

    [Fact]
    public void Servers_of_the_platform_have_their_GPUs_as_status_has_them()
    {
        var report = GpuReport.Of(s_without, s_cluster);
        Assert.Equal(
            [
                "agent-1  GPU 0  Simulated GPU  80000 MB  simulated  leased by k1  SIM-agent-1-0",
                "agent-1  GPU 1  Simulated GPU  80000 MB  simulated  free  SIM-agent-1-1",
                "agent-2  no GPU",
            ],
            GpuLines.Of(report).Skip(1));
        Assert.True(GpuLines.HasAny(report));
    }

    [Fact]
    public void Programs_get_every_figure_and_why_one_is_missing()
    {
        var report = JsonNode.Parse(GpuReport.Of(s_machine, s_cluster).ToJsonString())!;
        var gpu = report["gpus"]![0]!;
        Assert.Equal(("GPU-aaa", "9.0", 18), ((string?)gpu["uuid"], (string?)gpu["compute_capability"], (int)gpu["switch_links"]!));
        Assert.Equal("""[{"index":1,"distance":"host_bridge","nv_links":0,"nv_link_access":true}]""", gpu["peers"]!.ToJsonString());
        Assert.Equal("""[{"pid":4711,"memory_bytes":5000000000},{"pid":4712,"memory_bytes":null}]""", gpu["now"]!["processes"]!.ToJsonString());
        Assert.Equal("power_cap, heat", (string?)gpu["now"]!["clock_limits"]);
        Assert.Equal("corrected memory errors", (string?)gpu["missing"]![0]!["what"]);
        Assert.Null(gpu["now"]!["corrected_errors"]);
        Assert.Equal("agent-1", (string?)report["servers"]![0]!["id"]);
        Assert.Null(report["reason"]);
    }
}
