using System.Text.Json.Nodes;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Platform;

/// <summary>A platform of its own whose idle kernels give their processes back soon.</summary>
[Collection(ClusterGroup.Name)]
public class ReclaimTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_reclaimed_kernels_processes_are_gone_and_its_next_cell_finds_all_its_variables()
    {
        await using var platform = await NotebookPlatform.UpAsync(more: ["--reclaim", "idle:2s", "--prewarm", "minimum:1"]);
        try
        {
            await platform.WholeAsync();
            var kernel = await platform.Api.StartKernelAsync();
            await using var session = await platform.Api.ConnectAsync(kernel);
            await session.ExecuteAsync("import os, numpy as np; kept = [1]; same = kept; a = np.arange(200_000.); pid = os.getpid()", s_limit);
            for (var round = 1; round <= 2; round++)
            {
                var processes = await ProcessesAsync(platform, kernel, session);
                var status = await platform.StatusAsync("it is reclaimed", s => IsReclaimed(s, kernel), s_limit);
                var shown = status.Json["kernels"]!.AsArray().Single(k => k!["id"]!.ToString() == kernel)!;
                Assert.Equal("nobody has used it for 2 s", shown["reclaimed"]!["reason"]!.ToString());
                Assert.Equal("idle", shown["state"]!.ToString());
                await Eventually.IsTrueAsync("its processes are gone", () => Task.FromResult(!processes.Any(p => p.IsAlive)), s_limit);

                if (round == 2) await CompleteAsync(session);
                var cell = await session.ExecuteAsync("kept.append(len(kept) + 1); (same is kept, kept, float(a.sum()), pid != os.getpid())", s_limit);
                Assert.Equal($"(True, {(round == 1 ? "[1, 2]" : "[1, 2, 3]")}, 19999900000.0, True)", cell.Result);
                Assert.Equal((2 * round) + 1, (int)cell.Reply.Content["execution_count"]!);
            }

            Assert.DoesNotContain(session.Received, m => m.IsStatus("restarting"));
            // A start, and two times that it came back; the server says so with its next heartbeat.
            var counted = await platform.StatusAsync(
                "the pool's three processes are counted", s => (long)Pool(s)["hits"]! + (long)Pool(s)["misses"]! >= 3, s_limit);
            Assert.StartsWith("1 idle at least", Pool(counted)["reason"]!.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }

    private static JsonNode Pool(PlatformStatus status) => status.Json["servers"]![0]!["pool"]!;

    /// <summary>The processes of its replicas, looked at while a cell runs: then they stay.</summary>
    private static async Task<IReadOnlyList<ProcessMark>> ProcessesAsync(NotebookPlatform platform, string kernel, KernelSession session)
    {
        var cell = await session.SubmitAsync("answer = input()", allowStdin: true);
        await session.WaitAsync("the cell asks", m => m.Type == "input_request" && m.Parent.MessageId == cell, s_limit);
        var status = await platform.StatusAsync("its processes are there", s => Marks(s, kernel).Count == 3, s_limit);
        await session.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = "so", ["status"] = "ok" });
        Assert.Equal("ok", (await session.EndOfAsync(cell, s_limit)).Status);
        return Marks(status, kernel);
    }

    /// <summary>A message other than a cell wakes it, too.</summary>
    private static async Task CompleteAsync(KernelSession session)
    {
        var reply = await session.AskAsync("shell", "complete_request", new JsonObject { ["code"] = "kep", ["cursor_pos"] = 3 }, s_limit);
        Assert.Contains("kept", reply.Content["matches"]!.AsArray().Select(m => m!.ToString()));
    }

    private static bool IsReclaimed(PlatformStatus status, string kernel) =>
        status.Json["kernels"]!.AsArray().FirstOrDefault(k => k!["id"]!.ToString() == kernel) is { } found
        && found["reclaimed"] is not null && found["replicas"]!.AsArray().All(r => r!["pid"] is null);

    private static IReadOnlyList<ProcessMark> Marks(PlatformStatus status, string kernel) =>
        status.Kernels.FirstOrDefault(k => k.Id == kernel) is { } found
            ? [.. found.Replicas.Select(r => Processes.Mark(r.Pid)).OfType<ProcessMark>()]
            : [];
}
