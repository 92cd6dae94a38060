using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig;
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
        var status = await Platform.StatusAsync(
            "three replicas with processes", s => s.Kernels.Any(k => k.Id == kernel) && s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3);
        string[] servers = [.. status.Kernel(kernel).Replicas.Select(r => r.Server)];
        var before = servers.SelectMany(Chunks).ToHashSet();
        Assert.Equal("124999750000.0", (await session.ExecuteAsync(Make)).Result);
        await EverywhereAsync(servers, before);
        await session.ExecuteAsync("a[100_000:105_000] = -1.0");
        await EverywhereAsync(servers, before);
        var expected = (await session.ExecuteAsync(Look)).Result;
        status = await Platform.StatusAsync("an executor", s => s.Executor(kernel) is not null);
        var executor = status.Executor(kernel)!;

        Processes.KillNine(status.Servers.Single(s => s.Id == executor.Server).Pid);
        var next = await session.ExecuteAsync(Look, TimeSpan.FromSeconds(30));

        Assert.Equal(expected, next.Result);
        Assert.Equal("(124487247500.0, 199999.0, True, 2000000)", next.Result);
        await Platform.WholeAsync();
    }

    /// <summary>Waits until every server has the chunks that any of them has got since the start, which are 6 MB and more.</summary>
    private Task EverywhereAsync(string[] servers, HashSet<string> before) => Eventually.IsTrueAsync("all servers have all chunks", () =>
    {
        HashSet<string>[] all = [.. servers.Select(server => Chunks(server).Except(before).ToHashSet())];
        return Task.FromResult(all[0].Count > 20 && all.All(all[0].SetEquals));
    });

    private IEnumerable<string> Chunks(string server) =>
        Directory.EnumerateFiles(Path.Combine(Platform.Data, "state", server, "objects"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path)).Where(name => name.Length == 64);
}
