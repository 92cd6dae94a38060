using Xunit;

namespace Notebook.Gpu.Tests;

public sealed class VisibleDevicesTests
{
    private static readonly GpuDevice[] All =
        [.. Enumerable.Range(0, 3).Select(i => new GpuDevice(i, $"GPU-{i}{i}{i}", "nvidia", "H200", 1000))];

    [Theory]
    [InlineData(null, new[] { 0, 1, 2 })]
    [InlineData("0,2", new[] { 0, 2 })]
    [InlineData(" 2 , 1 ", new[] { 1, 2 })]
    [InlineData("GPU-11", new[] { 1 })]
    [InlineData("", new int[0])]
    [InlineData("-1", new int[0])]
    [InlineData("7", new int[0])]
    public void A_list_names_devices_by_index_or_UUID(string? list, int[] expected) =>
        Assert.Equal(expected, VisibleDevices.Of(All, list).Select(d => d.Index));
}
