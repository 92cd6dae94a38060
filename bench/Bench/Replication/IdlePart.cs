using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text.Json.Nodes;
using Notebook.Agent.State;
using Notebook.Rig;

namespace Notebook.Bench.Replication;

/// <summary>
/// What kernels cost that nobody uses: three agents' logs and links in this process, groups of three members that have
/// each led and committed a change, and then rest. The process does nothing else meanwhile.
/// </summary>
internal static class IdlePart
{
    private const double CpuShareMax = 0.01, MemberBytesMax = 20 * 1024;
    private static readonly TimeSpan s_restLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_compilePause = TimeSpan.FromSeconds(4), s_compileLimit = TimeSpan.FromSeconds(60);

    public static async Task<PartReport> RunAsync(string folder, int kernels, TimeSpan window, Progress progress, CancellationToken stop)
    {
        await using var agents = await ThreeAgents.StartAsync(folder);
        var others = await OpenAsync(agents, Math.Max(1, kernels / 10), progress, stop);   // links, code, pools: not what a member costs
        await RestingAsync(others);
        var before = Memory();
        var logs = await OpenAsync(agents, kernels, progress, stop);
        var since = Stopwatch.GetTimestamp();
        await RestingAsync(logs);
        var settled = Stopwatch.GetElapsedTime(since);
        var after = Memory();
        await CompiledAsync(progress, stop);
        progress.Stage($"looking at the processor for {window.TotalSeconds:0} s");
        using var process = Process.GetCurrentProcess();
        var idle = await ProcessorShare.OfAsync(process, window, stop);
        GC.KeepAlive(logs);
        return Report(kernels, settled, (after.Heap - before.Heap) / logs.Count, (after.Resident - before.Resident) / logs.Count, idle);
    }

    private static PartReport Report(int kernels, TimeSpan settled, long heap, long resident, double idle) => new(
        $"{kernels:N0} idle kernels, three members each on three agents",
        [
            string.Create(CultureInfo.InvariantCulture, $"at rest {settled.TotalSeconds:0.0} s after the last commit"),
            string.Create(CultureInfo.InvariantCulture, $"processor {idle:0.000%} of a core for all"),
            string.Create(CultureInfo.InvariantCulture, $"memory of a member {heap / 1024.0:0.0} KB on the heap, {resident / 1024.0:0.0} KB resident"),
        ],
        new JsonObject
        {
            ["kernels"] = kernels,
            ["settled_s"] = Math.Round(settled.TotalSeconds, 3),
            ["processor_share"] = Math.Round(idle, 6),
            ["member_heap_bytes"] = heap,
            ["member_resident_bytes"] = resident,
        },
        [
            new("processor, share of a core", idle, CpuShareMax),
            new("memory of a member", Math.Max(heap, resident) / 1024.0, MemberBytesMax / 1024, " KB"),
        ]);

    private static async Task<List<KernelLog>> OpenAsync(ThreeAgents agents, int kernels, Progress progress, CancellationToken stop)
    {
        var logs = new List<KernelLog>();
        progress.Stage($"opening {kernels:N0} kernels");
        for (var i = 0; i < kernels; i++)
        {
            progress.Step("kernels", i, kernels);
            logs.AddRange(await agents.OpenAsync(stop));
        }

        return logs;
    }

    private static Task RestingAsync(List<KernelLog> logs) => Eventually.IsTrueAsync(
        "all groups rest", () => Task.FromResult(logs.All(log => log.Group.View.IsResting)), s_restLimit);

    /// <summary>Waits until the runtime has compiled nothing for a while: after a start it compiles again what is used often, for longer than the groups take to rest.</summary>
    private static async Task CompiledAsync(Progress progress, CancellationToken stop)
    {
        progress.Stage("waiting until no code is compiled any more");
        for (var waited = TimeSpan.Zero; waited < s_compileLimit; waited += s_compilePause)
        {
            var before = JitInfo.GetCompiledMethodCount();
            await Task.Delay(s_compilePause, TimeProvider.System, stop);
            if (JitInfo.GetCompiledMethodCount() == before) return;
        }
    }

    private static (long Heap, long Resident) Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64);
    }
}
