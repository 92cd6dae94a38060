namespace Notebook.Gpu.Nvidia;

/// <summary>Reads how one GPU is.</summary>
internal static class NvidiaWatch
{
    /// <summary>Reads every figure; those that there are not are null and named.</summary>
    public static GpuSample Sample(NvmlCalls nvml, FoundGpu gpu)
    {
        var read = new Readings(gpu.Handle);
        var use = read.Value("utilisation", nvml.Utilization);
        var sample = new GpuSample(gpu.Device.Index, gpu.Device.Uuid)
        {
            BusyPercent = (int?)use?.Gpu,
            MemoryBusyPercent = (int?)use?.Memory,
            Memory = read.Value("memory", nvml.Memory),
            PowerMilliwatts = read.Value("power draw", nvml.Power),
            PowerLimitMilliwatts = read.Value("power limit", nvml.PowerLimit),
            TemperatureCelsius = read.Value("temperature", nvml.Temperature),
            SmClockMhz = read.Value("clock of the multiprocessors", nvml.SmClockMhz),
            MemoryClockMhz = read.Value("clock of the memory", nvml.MemoryClockMhz),
            ClockLimits = read.Value("limits of the clocks", nvml.ClockLimits),
            CorrectedErrors = read.Value("corrected memory errors", nvml.CorrectedErrors),
            UncorrectedErrors = read.Value("uncorrected memory errors", nvml.UncorrectedErrors),
            LifetimeUncorrectedErrors = read.Value("uncorrected memory errors of its life", nvml.LifetimeUncorrectedErrors),
            Processes = read.Value("processes", nvml.Processes),
        };

        // What a GPU said before it was lost in the middle may already have been wrong.
        return read.Lost is { } lost
            ? new GpuSample(sample.Index, sample.Uuid) { Lost = lost, Missing = read.Missing }
            : sample with { Missing = read.Missing };
    }
}
