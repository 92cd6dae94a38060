using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>Values that are too large for the log reach the other servers beside it, and outlive the one that made them.</summary>
public class LargeValueTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const string Make = """
        import numpy as np
        a = np.arange(500_000, dtype='f8')
        b = [bytes([i]) * 200_000 for i in range(10)]
        float(a.sum())
        """;

    private const string Look = "float(a.sum()), float(a[99_999:105_001].sum()), [x[0] for x in b] == list(range(10)), sum(map(len, b))";

    [Fact]
    public async Task An_array_and_a_list_of_large_bytes_outlive_the_server_that_made_them()
    {
        var (kernel, session) = await OpenAsync();
        await Platform.StatusAsync(
            "three replicas with processes", s => s.Kernels.Any(k => k.Id == kernel) && s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3);
        Assert.Equal("124999750000.0", (await session.ExecuteAsync(Make)).Result);
        await SafeAsync(kernel);
        await session.ExecuteAsync("a[100_000:105_000] = -1.0");
        var expected = (await session.ExecuteAsync(Look)).Result;
        var status = await SafeAsync(kernel);
        var executor = status.Executor(kernel)!;

        Processes.KillNine(status.Servers.Single(s => s.Id == executor.Server).Pid);
        await Platform.StatusAsync("another executor", s => s.Executor(kernel) is { } other && other.Id != executor.Id);
        var next = await session.ExecuteAsync(Look, TimeSpan.FromSeconds(30));

        Assert.Equal(expected, next.Result);
        Assert.Equal("(124487247500.0, 199999.0, True, 2000000)", next.Result);
        await Platform.WholeAsync();
    }

    [Fact]
    public async Task A_cell_may_make_more_than_fits_into_one_message_from_its_process()
    {
        var (kernel, session) = await OpenAsync();
        Assert.Equal("100000000", (await session.ExecuteAsync(
            "import numpy as np; c = np.arange(12_500_000, dtype='f8'); c.nbytes", TimeSpan.FromSeconds(60))).Result);
        await SafeAsync(kernel);
        await session.ExecuteAsync("del c");
    }

    [Fact]
    public async Task A_cell_may_make_ten_megabytes_of_small_values()
    {
        var (kernel, session) = await OpenAsync();
        await Platform.StatusAsync(
            "three replicas with processes", s => s.Kernels.Any(k => k.Id == kernel) && s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3);
        await session.ExecuteAsync("small = [f'{i:1000}' for i in range(10_000)]", TimeSpan.FromSeconds(60));
        var status = await SafeAsync(kernel);
        var executor = status.Executor(kernel)!;

        Processes.KillNine(status.Servers.Single(s => s.Id == executor.Server).Pid);
        await Platform.StatusAsync("another executor", s => s.Executor(kernel) is { } other && other.Id != executor.Id);
        var next = await session.ExecuteAsync("len(small), sum(map(len, small)), int(small[-1])", TimeSpan.FromSeconds(30));

        Assert.Equal("(10000, 10000000, 9999)", next.Result);
        await Platform.WholeAsync();
    }

    [Fact]
    public async Task Status_names_the_values_that_cannot_be_copied()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("kept = 1; numbers = (n for n in range(3))");
        var status = await Platform.StatusAsync("an unreplicated value", s => s.Kernel(kernel).Unreplicated.Count > 0);
        Assert.StartsWith("numbers: ", Assert.Single(status.Kernel(kernel).Unreplicated), StringComparison.Ordinal);
        await session.ExecuteAsync("del numbers");
        await Platform.StatusAsync("none any more", s => s.Kernel(kernel).Unreplicated.Count == 0);
    }

    private Task<PlatformStatus> SafeAsync(string kernel) =>
        Platform.StatusAsync("the kernel's state is safe", s => s.Executor(kernel) is not null && s.Kernel(kernel).StateSafe);
}
