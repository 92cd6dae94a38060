using Microsoft.Extensions.Logging;
using Notebook.Gpu;

namespace Notebook.Agent.Tests;

public sealed class GpuLogTests
{
    [Fact]
    public void What_the_driver_lacks_and_which_GPUs_cannot_be_leased_is_in_the_log()
    {
        var lines = new Lines();
        GpuLog.Say(lines, new OneUnusable());
        Assert.Equal(
            [
                (LogLevel.Information, "NVIDIA driver 550.54.15, CUDA 12.4: 0 GPUs can be leased"),
                (LogLevel.Warning, "The driver lacks a call: the NVIDIA driver 550.54.15 is too old, it lacks a call: update it to 570 or later"),
                (LogLevel.Error, $"GPU 3 (GPU-aaa) cannot be leased: {new GpuFault.MigOn().Message}"),
            ],
            lines.All);
    }

    [Fact]
    public void Without_a_driver_there_is_nothing_to_say()
    {
        var lines = new Lines();
        GpuLog.Say(lines, new NoGpus());
        GpuLog.Say(lines, new SimulatedGpus("agent-1", 2));
        Assert.Empty(lines.All);
    }

    private sealed class OneUnusable : IGpuDevices
    {
        public GpuDriver? Driver => new("550.54.15", "12.4", [new("a call", new GpuFault.DriverTooOld("550.54.15", "a call", 570))]);

        public IReadOnlyList<GpuDevice> Inventory => [];

        public IReadOnlyList<UnusableGpu> Unusable => [new(3, "GPU-aaa", new GpuFault.MigOn())];

        public GpuSnapshot Sample() => new([], []);
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, string Text)> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((logLevel, formatter(state, exception)));
    }
}
