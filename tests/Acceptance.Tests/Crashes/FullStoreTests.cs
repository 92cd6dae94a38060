using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>Servers with little room for large values.</summary>
[Collection(Platform.ClusterGroup.Name)]
public class FullStoreTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_finds_no_room_is_refused_with_a_reason_and_fits_once_something_was_deleted()
    {
        await using var platform = await NotebookPlatform.UpAsync(maxObjectsBytes: 3_000_000);
        try
        {
            var kernel = await platform.Api.StartKernelAsync();
            await using var session = await platform.Api.ConnectAsync(kernel);
            await session.ExecuteAsync("import random; x = random.Random(1).randbytes(2_000_000)");
            await platform.StatusAsync("x is safe", s => s.Kernel(kernel).StateSafe && s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3, s_limit);

            var refused = await session.ExecuteAsync("y = random.Random(2).randbytes(2_000_000)", s_limit);
            Assert.Equal("StateNotKept", refused.ErrorName);
            Assert.Contains("the object store has no room for", refused.ErrorValue, StringComparison.Ordinal);
            Assert.Contains("it is for y", refused.ErrorValue, StringComparison.Ordinal);
            await platform.StatusAsync("the status says so", s => s.Servers.Any(server => server.StorageFaults.Count > 0), s_limit);
            Assert.Equal("(True, False)", (await session.ExecuteAsync("x == random.Random(1).randbytes(2_000_000), 'y' in globals()", s_limit)).Result);

            await session.ExecuteAsync("del x");
            await Eventually.IsTrueAsync(
                "there is room again", async () => (await session.ExecuteAsync("y = random.Random(2).randbytes(2_000_000)", s_limit)).Status == "ok",
                TimeSpan.FromSeconds(120));
            Assert.Equal("2000000", (await session.ExecuteAsync("len(y)", s_limit)).Result);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }
}
