using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Scheduling;

/// <summary>
/// A kernel's cell finds no GPU at its three servers, and one at a fourth: a replica moves there, and runs it. From the moment of
/// the decision, as <c>explain</c> has it, until the cell's own code reads the clock there. Four agents of one GPU each; all four are
/// held by other kernels' cells, of which the one at the fourth server is interrupted before each move.
/// </summary>
internal static class MovePart
{
    private const int Servers = 4, Values = 10_000, ValueBytes = 1_000;
    private const double P50Max = 1000;
    private const string Hold = "print('holds', flush=True); import time; time.sleep(36000)";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    private static readonly string s_make = $$"""
        import hashlib, random, time
        chance = random.Random(7)
        for i in range({{Values}}): globals()[f'v{i}'] = chance.randbytes({{ValueBytes}})
        """;

    private static readonly string s_all = $"hashlib.sha256(b''.join(globals()[f'v{{i}}'] for i in range({Values}))).hexdigest()";

    public static async Task<PartReport> RunAsync(int moves, Progress progress, CancellationToken stop)
    {
        progress.Stage($"bringing a platform of {Servers} agents up");
        await using var platform = await NotebookPlatform.UpAsync(agents: Servers, gpus: "simulated:1");
        await platform.ClusterAsync($"{Servers} servers that are up", s => s.Servers.Count(v => v.State == "up") == Servers, s_limit);
        var kernel = await platform.Api.StartKernelAsync();
        await using var session = await platform.Api.ConnectAsync(kernel);
        Checked(await session.ExecuteAsync(s_make, s_limit, Gpus(0)));
        var digest = Checked(await session.ExecuteAsync(s_all, s_limit, Gpus(0))).Result;

        progress.Stage("other kernels take the GPUs");
        var holders = new Dictionary<string, KernelSession>();
        try
        {
            for (var i = 0; i < Servers; i++)
            {
                var holder = await platform.Api.StartKernelAsync();
                holders.Add(holder, await platform.Api.ConnectAsync(holder));
                await HoldAsync(holders[holder]);
            }

            List<TimeSpan> untilOrdered = [], untilRuns = [];
            for (var move = 1; move <= moves; move++)
            {
                stop.ThrowIfCancellationRequested();
                progress.Stage($"move {move} of {moves}");
                var (ordered, runs) = await MoveAsync(platform, kernel, session, holders, digest);
                untilOrdered.Add(ordered);
                untilRuns.Add(runs);
            }

            return Report(Percentiles.Of(untilOrdered), Percentiles.Of(untilRuns));
        }
        finally
        {
            foreach (var holder in holders.Values) await holder.DisposeAsync();
        }
    }

    /// <summary>A replica moves to the server where the kernel has none, and runs a cell there.</summary>
    private static async Task<(TimeSpan UntilOrdered, TimeSpan UntilRuns)> MoveAsync(
        NotebookPlatform platform, string kernel, KernelSession session, Dictionary<string, KernelSession> holders, string? digest)
    {
        await AllHeldAsync(platform, Servers);
        var status = await platform.ClusterAsync(
            "three replicas with safe state",
            s => s.Kernel(kernel) is { StateSafe: true, State: "idle" } k && k.Replicas.Count == 3 && k.Replicas.All(r => r.Pid > 0), s_limit);
        var fourth = status.Servers.Single(server => status.Kernel(kernel).Replicas.All(r => r.Server != server.Id));
        var holder = fourth.Gpus.Single().LeasedBy;
        var (answer, _) = await platform.Api.SendAsync(HttpMethod.Post, $"api/kernels/{holder}/interrupt");
        if (answer != 204) throw new InvalidOperationException($"the interrupt of kernel {holder} was answered {answer}");
        await AllHeldAsync(platform, Servers - 1);

        var cell = Checked(await session.ExecuteAsync($"print(time.time()); {s_all}", s_limit, Gpus(1)));
        if (cell.Result != digest) throw new InvalidOperationException("the values of the kernel are others after the move");
        var runs = DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(double.Parse(cell.Stdout, CultureInfo.InvariantCulture));
        var decisions = (JsonArray)JsonNode.Parse((await platform.RunAsync("explain", kernel, "--json")).Checked().Stdout)!;
        var decided = AtOf(decisions, "move", $"moves to server {fourth.Id}");
        var ordered = AtOf(decisions, "executor", $"on server {fourth.Id} with GPUs");
        await HoldAsync(holders[holder]);
        return (ordered - decided, runs - decided);
    }

    /// <summary>A cell takes a GPU, and runs: an interrupt before that would hit nothing.</summary>
    private static async Task HoldAsync(KernelSession session) =>
        await session.OutputOfAsync(await session.SubmitAsync(Hold, metadata: Gpus(1)), "holds", s_limit);

    private static DateTimeOffset AtOf(JsonArray decisions, string kind, string outcome) =>
        decisions.Last(d => (string?)d!["kind"] == kind && ((string)d["outcome"]!).Contains(outcome, StringComparison.Ordinal))!["at"]!.GetValue<DateTimeOffset>();

    private static Task<PlatformStatus> AllHeldAsync(NotebookPlatform platform, int held) => platform.ClusterAsync(
        $"{held} GPUs that cells hold", s => s.Servers.Sum(v => v.Gpus.Count(g => g.LeasedBy.Length > 0)) == held, s_limit);

    private static JsonObject Gpus(int gpus) => new() { ["resource_request"] = new JsonObject { ["gpus"] = gpus } };

    private static Cell Checked(Cell cell) => cell.Status == "ok" ? cell : throw new InvalidOperationException($"a cell failed: {cell}");

    private static PartReport Report(Percentiles untilOrdered, Percentiles untilRuns) => new(
        $"A replica moves, {Values * ValueBytes / 1_000_000} MB of state in {Values:N0} values",
        [
            Percentiles.Head, untilOrdered.ToRow("from the decision to the order"), untilRuns.ToRow("from the decision to running"),
            string.Create(CultureInfo.InvariantCulture, $"longest {untilRuns.Max:0} ms"),
        ],
        new JsonObject { ["until_ordered"] = untilOrdered.ToJson(), ["until_runs"] = untilRuns.ToJson() },
        [new("from the decision to running, p50", untilRuns.P50, P50Max, " ms")]);
}
