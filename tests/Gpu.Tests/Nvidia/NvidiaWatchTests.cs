using Notebook.Gpu.Nvidia;
using Xunit;

namespace Notebook.Gpu.Tests.Nvidia;

public sealed class NvidiaWatchTests : IDisposable
{
    private readonly FakeNvml _driver = new();

    [Fact]
    public void A_sample_has_every_figure()
    {
        var sample = Sample();
        Assert.Equal((70, 30), (sample.BusyPercent, sample.MemoryBusyPercent));
        Assert.Equal(new GpuMemory(150_754_820_096, 7_000_000_001, 143_154_820_095), sample.Memory);
        Assert.Equal((412_345L, 700_000L, 61), (sample.PowerMilliwatts, sample.PowerLimitMilliwatts, sample.TemperatureCelsius));
        Assert.Equal((1001, 1002), (sample.SmClockMhz, sample.MemoryClockMhz));
        Assert.Equal(ClockLimits.PowerCap | ClockLimits.Heat, sample.ClockLimits);
        Assert.Equal((100L, 110L, 111L), (sample.CorrectedErrors, sample.UncorrectedErrors, sample.LifetimeUncorrectedErrors));
        Assert.Equal([new(900, 40_000_000), new(4711, 5_000_000_000), new(4712, null)], sample.Processes!.Value.AsEnumerable());
        Assert.Empty(sample.Missing);
        Assert.Null(sample.Lost);
    }

    [Theory]
    [InlineData("nvmlDeviceGetTemperatureV")]
    [InlineData("nvmlDeviceGetCurrentClocksEventReasons")]
    public void An_older_call_stands_in_for_a_newer_one(string newer)
    {
        _driver.Lacks.Add(newer);
        var sample = Sample();
        Assert.Equal((61, ClockLimits.PowerCap | ClockLimits.Heat), (sample.TemperatureCelsius, sample.ClockLimits));
        Assert.Empty(sample.Missing);
    }

    [Fact]
    public void What_a_GPU_does_not_have_is_named_and_the_rest_is_there()
    {
        _driver.Gpus[1].HasEcc = false;
        var sample = Sample();
        Assert.Null(sample.UncorrectedErrors);
        Assert.Equal(3, sample.Missing.Length);
        Assert.All(sample.Missing, missing => Assert.IsType<GpuFault.NotSupported>(missing.Why));
        Assert.Equal(61, sample.TemperatureCelsius);
    }

    [Fact]
    public void A_lost_GPU_has_no_figures_and_is_asked_nothing_more()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        _driver.Gpus[0].IsLost = true;
        _driver.Calls.Clear();
        var samples = gpus.Sample().Gpus;
        Assert.IsType<GpuFault.GpuLost>(samples[0].Lost);
        Assert.Null(samples[0].Memory);
        Assert.Single(_driver.Calls, "nvmlDeviceGetMemoryInfo_v2");
        Assert.Equal(61, samples[1].TemperatureCelsius);
    }

    [Fact]
    public void A_GPU_that_is_lost_in_the_middle_of_a_sample_has_no_figures_either()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        _driver.Failures["nvmlDeviceGetClockInfo"] = FakeNvml.GpuIsLost;
        var sample = gpus.Sample().Gpus[0];
        Assert.IsType<GpuFault.GpuLost>(sample.Lost);
        Assert.Null(sample.BusyPercent);
        Assert.Null(sample.Memory);
    }

    [Theory]
    [InlineData(101u)]
    [InlineData(uint.MaxValue)]
    public void A_figure_that_makes_no_sense_is_missing(uint busy)
    {
        _driver.Gpus[1].Busy = busy;
        var sample = Sample();
        Assert.Null(sample.BusyPercent);
        Assert.Contains("makes no sense", Assert.Single(sample.Missing).Why.Message);
    }

    [Fact]
    public void Power_that_is_not_available_is_missing()
    {
        _driver.Gpus[1].Power = uint.MaxValue;
        Assert.Null(Sample().PowerMilliwatts);
    }

    [Fact]
    public void A_GPU_without_graphics_has_its_computing_processes()
    {
        _driver.Gpus[1].HasGraphics = false;
        Assert.Equal([4711, 4712], Sample().Processes!.Value.Select(p => p.Pid));
    }

    [Fact]
    public void A_process_that_draws_and_computes_is_one()
    {
        _driver.Gpus[1].Graphics.Add((4711, 6_000_000_000));
        _driver.Gpus[1].Graphics.Add((4712, 1_000));
        Assert.Equal([new(900, 40_000_000), new(4711, 6_000_000_000), new(4712, 1_000)], Sample().Processes!.Value.AsEnumerable());
    }

    [Theory]
    [InlineData(24, false)]
    [InlineData(24, true)]
    [InlineData(32, false)]
    [InlineData(32, true)]
    public void Tables_of_processes_are_read_whatever_the_size_of_their_entries(int entrySize, bool clears)
    {
        (_driver.ProcessEntrySize, _driver.ClearsTables) = (entrySize, clears);
        foreach (var count in (int[])[0, 1, 2, 31, 32, 33, 47, 64, 65, 500])
        {
            var gpu = _driver.Gpus[1];
            gpu.Graphics.Clear();
            gpu.Compute.Clear();
            gpu.Compute.AddRange(Enumerable.Range(1, count).Select(pid => ((uint)pid, (ulong)pid * 1_000_000)));
            Assert.Equal(Enumerable.Range(1, count).Select(pid => new GpuProcess(pid, pid * 1_000_000L)), Sample().Processes!.Value.AsEnumerable());
        }
    }

    [Fact]
    public void More_processes_than_can_be_are_not_read()
    {
        _driver.Gpus[1].Compute.AddRange(Enumerable.Repeat((1u, 1UL), 5000));
        var sample = Sample();
        Assert.Null(sample.Processes);
        Assert.Contains("more than 2048 processes", Assert.Single(sample.Missing).Why.Message);
    }

    [Fact]
    public void Events_are_told_once_with_their_GPU_and_Xid()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        _driver.Events.Enqueue((_driver.Gpus[1].Handle, 0x8, 79));
        _driver.Events.Enqueue((_driver.Gpus[0].Handle, 0x2, 0));
        _driver.Events.Enqueue((0x1234, 0x4000_0000, 7));
        var snapshot = gpus.Sample();
        Assert.Equal([new(1, GpuEventKind.Xid, 79), new(0, GpuEventKind.UncorrectedEcc, 0), new(null, GpuEventKind.Other, 0)], snapshot.Events.AsEnumerable());
        Assert.Null(snapshot.EventsMissing);
        Assert.Empty(gpus.Sample().Events);
    }

    [Fact]
    public void More_events_than_one_call_takes_come_with_the_next()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        for (var n = 0; n < 300; n++) _driver.Events.Enqueue((_driver.Gpus[0].Handle, 0x8, (ulong)n));
        Assert.Equal(256, gpus.Sample().Events.Length);
        Assert.Equal(299, gpus.Sample().Events[^1].Xid);
    }

    [Fact]
    public void Only_events_that_matter_and_are_supported_are_asked_for()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        Assert.All(_driver.Registered.Values, mask => Assert.Equal(0x8UL | 0x2, mask));
    }

    [Fact]
    public void A_GPU_without_events_is_said()
    {
        _driver.Gpus[0].EventTypes = 0;
        using var gpus = NvidiaGpus.Open(_driver, null);
        _driver.Events.Enqueue((_driver.Gpus[1].Handle, 0x8, 31));
        var snapshot = gpus.Sample();
        Assert.IsType<GpuFault.NotSupported>(snapshot.EventsMissing);
        Assert.Equal(31, Assert.Single(snapshot.Events).Xid);
    }

    private GpuSample Sample()
    {
        using var gpus = NvidiaGpus.Open(_driver, null);
        return gpus.Sample().Gpus[1];
    }

    public void Dispose() => _driver.Dispose();
}
