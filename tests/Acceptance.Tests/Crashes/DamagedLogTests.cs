using System.Text;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>A bit flips in the middle of one server's log while the platform is down: the replica there heals from the others.</summary>
[Collection(Platform.ClusterGroup.Name)]
public class DamagedLogTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_replica_with_a_damaged_log_heals_and_serves()
    {
        var data = Directory.CreateTempSubdirectory("nb-").FullName;
        try
        {
            string kernel, server;
            await using (var platform = await NotebookPlatform.UpAsync(data))
            {
                kernel = await platform.Api.StartKernelAsync();
                await using var session = await platform.Api.ConnectAsync(kernel);
                await session.ExecuteAsync("needle = 'in-a-haystack'; large = bytes([7]) * 200_000");
                for (var i = 0; i < 5; i++) await session.ExecuteAsync($"x{i} = {i}");
                var status = await platform.StatusAsync(
                    "a safe state", s => s.Kernel(kernel) is { StateSafe: true } k && k.Replicas.Count(r => r.Pid > 0) == 3, s_limit);
                server = status.Kernel(kernel).Replicas.First(r => r.Id != status.Executor(kernel)!.Id).Server;
            }

            Flip(Path.Combine(data, "state", server, "raft"), "in-a-haystack");

            await using (var platform = await NotebookPlatform.UpAsync(data))
            {
                try
                {
                    var status = await platform.StatusAsync(
                        "a new replica on the damaged server that takes part",
                        s => s.Kernel(kernel).Replicas is { Count: 3 } all && all.All(r => r.Pid > 0) && s.Executor(kernel) is not null && all.Single(r => r.Server == server).Id.EndsWith("/4", StringComparison.Ordinal),
                        s_limit);
                    await using var session = await platform.Api.ConnectAsync(kernel);

                    // The two others are killed at once: only the healed one has all the state in a process then.
                    foreach (var other in status.Servers.Where(s => s.Id != server)) Processes.KillNine(other.Pid);
                    await platform.StatusAsync("the healed replica runs the cells", s => s.Executor(kernel)?.Server == server, s_limit);
                    string? result = null;
                    await Eventually.IsTrueAsync(
                        "a cell's result, once another agent is back for a majority",
                        async () => (result = (await session.ExecuteAsync("needle, len(large), x0 + x1 + x2 + x3 + x4", s_limit)).Result) is not null,
                        s_limit);
                    Assert.Equal("('in-a-haystack', 200000, 10)", result);
                    Assert.Equal(server, (await platform.StatusAsync()).Executor(kernel)?.Server);
                }
                finally
                {
                    output.WriteLine(platform.LogTails());
                }
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static void Flip(string folder, string text)
    {
        foreach (var path in Directory.GetFiles(folder))
        {
            var bytes = File.ReadAllBytes(path);
            var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
            if (at < 0) continue;
            bytes[at] ^= 1;
            File.WriteAllBytes(path, bytes);
            return;
        }

        Assert.Fail($"no log in {folder} holds '{text}'");
    }
}
